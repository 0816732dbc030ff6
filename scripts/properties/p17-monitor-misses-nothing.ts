import type { Property } from './property.ts'

export const property: Property = {
  number: 17,
  title: 'Monitor misses nothing',
  measure: () => ({ notYet: 'comes with the monitor' }),
}
