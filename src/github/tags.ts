import type { Json } from '../core/json.ts'
import { jsonReader } from '../core/json-reader.ts'
import { quote } from '../core/printable.ts'
import { ActionError } from '../errors.ts'
import { type GitHub, parseAnswer, requestApi } from './api.ts'
import { assertStatus } from './refusal.ts'
import type { RepositoryName } from './release.ts'

const reader = jsonReader('GITHUB_RESPONSE')

/** A tag of a tag of a tag is possible and has never been of use. */
const DEEPEST = 8

/** The commit that the tag points to now, annotated tags peeled; undefined if there is no such tag. */
export async function requestTagCommit(
  github: GitHub,
  repository: RepositoryName,
  tag: string,
): Promise<string | undefined> {
  const route = 'GET /repos/{owner}/{repo}/git/ref/{ref}'
  const answer = await requestApi(github, { route, parameters: { ...repository, ref: `tags/${tag}` } })
  if (answer.status === 404) return undefined
  const json = reader.object(parseAnswer(assertStatus(answer, [200], wanted(tag)).body, 'the tag'), 'the tag')
  if (json['ref'] !== `refs/tags/${tag}`) {
    throw new ActionError('GITHUB_RESPONSE', `GitHub answers with another ref than the tag ${quote(tag)}`)
  }
  let object = parseObject(json['object'])
  for (let depth = 0; object.type === 'tag'; depth++) {
    if (depth === DEEPEST)
      throw new ActionError('GITHUB_RESPONSE', `the tag ${quote(tag)} leads to no commit`)
    object = await requestTagObject(github, repository, tag, object.sha)
  }
  if (object.type === 'commit') return object.sha
  throw new ActionError(
    'GITHUB_RESPONSE',
    `the tag ${quote(tag)} points to no commit but to a ${quote(object.type)}`,
  )
}

interface GitObject {
  readonly type: string
  readonly sha: string
}

async function requestTagObject(
  github: GitHub,
  repository: RepositoryName,
  tag: string,
  sha: string,
): Promise<GitObject> {
  const route = 'GET /repos/{owner}/{repo}/git/tags/{tag_sha}'
  const answer = await requestApi(github, { route, parameters: { ...repository, tag_sha: sha } })
  const { body } = assertStatus(answer, [200], wanted(tag))
  return parseObject(reader.object(parseAnswer(body, 'the tag'), 'the tag')['object'])
}

const wanted = (tag: string) => ({ what: `reading the tag ${quote(tag)}`, permission: 'contents: read' })

function parseObject(json: Json | undefined): GitObject {
  const object = reader.object(json, 'the object of the tag')
  const sha = reader.text(object['sha'], 'the id of the object')
  if (!/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(sha)) {
    throw new ActionError('GITHUB_RESPONSE', 'the tag points to something that is no object')
  }
  return { type: reader.text(object['type'], 'the type of the object'), sha }
}
