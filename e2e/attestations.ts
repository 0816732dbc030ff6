/** Attestations of ours before everybody's judges: what they say, over how many subjects, on which log. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Job } from '../sandbox/job.ts'
import type { JobIdentity } from './issuer.ts'
import type { Exhibit, Judge } from './judges.ts'
import { type Batch, type Court, SIGNER, signerOf } from './ours.ts'
import { askAll, identityQuestions, type Question } from './questions.ts'
import { editRecipe, type Recipe, takeRecipe } from './recipe.ts'
import { CYCLONEDX, PROVENANCE, SCAN, SPDX } from './statement.ts'
import type { LogChoice } from './trust.ts'
import {
  ARTIFACTS,
  changedCopy,
  createWorkspace,
  instanceInputs,
  literally,
  tamperedCopy,
} from './workspace.ts'

/** What an attestation says of its subjects. */
interface Kind {
  readonly content: string
  readonly type: string
  readonly inputs: Readonly<Record<string, string>>
  /** Numbers of subjects. */
  readonly counts: readonly number[]
  /** The artifact that it is about if that is one. */
  readonly one: string
}

/** Plain, so that the summary shows the recipe; and odd, so that it leads to the output. */
const [PLAIN = '', ODD = ''] = ARTIFACTS

const MANY: readonly number[] = [1, 50, 1024]

const KINDS: readonly Kind[] = [
  { content: 'provenance', type: PROVENANCE, inputs: { attest: 'provenance' }, counts: MANY, one: ODD },
  {
    content: 'SBOM in SPDX',
    type: 'https://spdx.dev/Document/v2.3',
    inputs: { attest: 'sbom', 'sbom-path': 'sbom.spdx.json' },
    counts: [1],
    one: PLAIN,
  },
  {
    content: 'SBOM in CycloneDX',
    type: CYCLONEDX.type,
    inputs: { attest: 'sbom', 'sbom-path': 'sbom.cdx.json' },
    counts: [1],
    one: PLAIN,
  },
  {
    content: 'custom',
    type: SCAN.type,
    inputs: {
      attest: 'custom',
      'predicate-type': SCAN.type,
      predicate: JSON.stringify(SCAN.predicate),
    },
    counts: MANY,
    one: ODD,
  },
]

const SBOMS: Readonly<Record<string, object>> = {
  'sbom.spdx.json': SPDX.predicate,
  'sbom.cdx.json': CYCLONEDX.predicate,
}

/** An attestation for each artifact in one step, for the loops of the recipe. */
export const ATTESTED_EACH: Batch = {
  content: 'provenance of each',
  inputs: { attest: 'provenance', 'attest-each': 'true' },
  suffix: '.provenance.sigstore.json',
  refusal: /do not match digests in statement|has no subject for digest/,
  refusalOf: ({ subject }) => subject,
}

interface Attested extends Exhibit {
  readonly kind: Kind
  readonly count: number
}

/** Makes every kind over every number of subjects, and asks all judges about each. */
export async function judgeAttestations(court: Court, log: LogChoice): Promise<void> {
  const identity = court.issuer.addJob({})
  // Where the time comes from does not depend on what is attested.
  const counts = log.hasAuthority ? MANY : [1]
  for (const kind of KINDS) {
    for (const count of kind.counts.filter((one) => counts.includes(one))) {
      const attested = await attest(court, log, identity, kind, count)
      if (attested !== undefined) await judgeOne(court, log, attested, String(identity.claims['sha']))
    }
  }
}

/** A step that attests; undefined if it failed, which the tally then says. */
async function attest(
  { folder, trust, runAction, tally }: Court,
  log: LogChoice,
  identity: JobIdentity,
  kind: Kind,
  count: number,
): Promise<Attested | undefined> {
  const job = await createWorkspace(folder, identity, trust, log)
  for (const [name, sbom] of Object.entries(SBOMS))
    writeFileSync(join(job.workspace, name), JSON.stringify(sbom, null, 2))
  const inputs = { ...instanceInputs(log), 'subject-path': writeSubjects(job, kind, count), ...kind.inputs }
  const done = await runAction('sign', job, inputs)
  const file = count === 1 ? kind.one : 'out/0000.bin'
  const { recipe, detail } = takeRecipe(done, count, file)
  const passed = recipe !== undefined
  const name = titleOf(count)
  tally.add({ client: SIGNER, log: log.title, content: `${kind.content} made`, name, passed, detail })
  if (!passed) return undefined
  return {
    job,
    kind,
    count,
    file,
    bundle: relative(job.workspace, done.outputs['bundle-paths'] ?? ''),
    recipe,
    ...signerOf(done),
  }
}

const ALL = 'out/*.bin'

/** The pattern that finds them. */
function writeSubjects({ workspace }: Job, { one }: Kind, count: number): string {
  if (count === 1) return literally(one)
  mkdirSync(join(workspace, 'out'))
  for (let i = 0; i < count; i++) {
    const name = `${String(i).padStart(4, '0')}.bin`
    writeFileSync(join(workspace, 'out', name), `content of ${name}`)
  }
  return ALL
}

const titleOf = (count: number): string => `${count} subject${count === 1 ? '' : 's'}`

async function judgeOne(court: Court, log: LogChoice, attested: Attested, commit: string): Promise<void> {
  const { job, file, bundle, kind, count } = attested
  const copies = {
    file: tamperedCopy(job, [file]),
    statement: changedCopy(job, 'edited', (workspace) => editSubject(join(workspace, bundle))),
  }
  const answers = court.judges.map((judge) =>
    askAll(log, judge, [
      ...questionsFor(judge, attested, copies),
      // Whom the recipe pins does not depend on what is attested: asking about one is enough.
      ...(kind === KINDS[0] && count === 1 ? identityQuestions(judge, attested, commit) : []),
    ]),
  )
  for (const trial of (await Promise.all(answers)).flat()) court.tally.add(trial)
}

interface Copies {
  readonly file: Job
  readonly statement: Job
}

function questionsFor(
  { refusals, takesMany }: Judge,
  attested: Attested,
  copies: Copies,
): readonly Question[] {
  const { kind, count, recipe } = attested
  const name = titleOf(count)
  const about = (content: string, refusal: RegExp, changes: Partial<Exhibit>): Question => ({
    content,
    name: `${kind.content}, ${name}`,
    refusal,
    exhibit: { ...attested, recipe: onDisk(recipe), ...changes },
  })
  const accepted = { content: `${kind.content} accepted`, name, exhibit: attested }
  return [
    accepted,
    ...(takesMany && count > 1
      ? [{ ...accepted, name: `all of ${name}`, exhibit: { ...attested, recipe: forAll(recipe) } }]
      : []),
    ...(refusals.subject === undefined
      ? []
      : [about('attested file changed, refused', refusals.subject, { job: copies.file })]),
    about('changed statement refused', refusals.statement, { job: copies.statement }),
    ...(refusals.predicateType === undefined
      ? []
      : [
          about('another type refused', refusals.predicateType, {
            recipe: ofType(onDisk(recipe), kind.type),
          }),
        ]),
  ]
}

/** The same recipe for our action over all files instead of the one that it shows. */
const forAll = (recipe: Recipe): Recipe => ({ ...recipe, inputs: { ...recipe.inputs, 'subject-path': ALL } })

/** Where no bundle on the disk counts our action would go on to ask GitHub's store, and nothing leads there. */
const onDisk = (recipe: Recipe): Recipe => ({
  ...recipe,
  inputs: { ...recipe.inputs, 'bundle-source': 'file' },
})

function ofType(recipe: Recipe, type: string): Recipe {
  const other = `${type}x`
  const edited = editRecipe(recipe, type, other)
  return { ...edited, inputs: { ...edited.inputs, 'predicate-type': other } }
}

/** One bit of the subject's name, in a statement that is well-formed before and after. */
function editSubject(path: string): void {
  const bundle = JSON.parse(readFileSync(path, 'utf8'))
  const statement = Buffer.from(bundle.dsseEnvelope.payload, 'base64')
  const start = '"subject":[{"name":"'
  const at = statement.indexOf(start) + start.length
  statement[at] = (statement[at] ?? 0) ^ 1
  bundle.dsseEnvelope.payload = statement.toString('base64')
  writeFileSync(path, JSON.stringify(bundle))
}
