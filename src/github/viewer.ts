import { jsonReader } from '../core/json-reader.ts'
import { type GitHub, parseAnswer, requestApi } from './api.ts'
import { assertStatus } from './refusal.ts'

const reader = jsonReader('GITHUB_RESPONSE')

/**
 * Number of the account that the token stands for: the REST API tells it to people only, GraphQL to the token of a
 * workflow too.
 */
export async function requestViewer(github: GitHub): Promise<number> {
  const api = new URL(github.hosts.api.href)
  // On a server of one's own the one API is /api/v3 and the other /api/graphql.
  api.pathname = api.pathname.replace(/\/v3\/?$/, '')
  const hosts = { ...github.hosts, api }
  const parameters = { query: 'query { viewer { databaseId login } }' }
  const answer = await requestApi({ ...github, hosts }, { route: 'POST /graphql', parameters })
  const wanted = { what: 'asking whose token this is', permission: 'contents: read' }
  const json = parseAnswer(assertStatus(answer, [200], wanted).body, 'the answer of GraphQL')
  const data = reader.object(reader.object(json, 'the answer of GraphQL')['data'], 'data')
  return Number(reader.int64(reader.object(data['viewer'], 'viewer')['databaseId'], 'databaseId'))
}
