import { launchSign } from '../actions/sign/sign-launch.ts'
import { beginFailed, succeed } from '../host/exit.ts'
import { boundHeap } from '../host/heap.ts'
import { realWorld } from '../host/world.ts'
import { shipped } from '../trust/shipped.ts'
import { uploader } from './uploader.ts'
import { version } from './version.ts'

beginFailed()
boundHeap()
void launchSign(realWorld(version, uploader), shipped).then((good) => {
  if (good) succeed()
})
