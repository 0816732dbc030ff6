import { ActionError } from '../errors.ts'
import type { HttpResponse } from '../ports.ts'
import { type GitHub, type GitHubCall, requestApi, requestPage } from './api.ts'

/** A hundred pages of a hundred: what GitHub lists at the most. */
const MAX_PAGES = 100

/** The address of the next page (RFC 8288 as GitHub writes it), if there is one. */
export function findNextPage({ headers }: Pick<HttpResponse, 'headers'>): string | undefined {
  for (const one of (headers['link'] ?? '').split(/,\s*(?=<)/)) {
    const [, address, rel] = /^<([^<>]{1,4096})>;[^"]*?\brel="([a-z ]+)"/.exec(one.trim()) ?? []
    if (rel?.split(' ').includes('next')) return address
  }
  return undefined
}

/** All pages one by one; each answer as it came, whatever its status, and none behind one that is not 200. */
export async function* requestPages(
  github: GitHub,
  call: GitHubCall,
): AsyncGenerator<HttpResponse, void, undefined> {
  const asked = new Set<string>()
  let answer = await requestApi(github, call)
  for (;;) {
    yield answer
    const next = answer.status === 200 ? findNextPage(answer) : undefined
    if (next === undefined) return
    if (asked.has(next) || asked.size >= MAX_PAGES) {
      throw new ActionError('GITHUB_RESPONSE', 'the pages of the list do not come to an end')
    }
    asked.add(next)
    answer = await requestPage(github, next)
  }
}
