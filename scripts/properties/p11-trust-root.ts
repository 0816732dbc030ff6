import type { Property } from './property.ts'

export const property: Property = {
  number: 11,
  title: 'Trust root cannot be planted, rolled back or frozen',
  measure: () => ({ notYet: 'the trusted root is shipped inside and never refreshed; comes with TUF' }),
}
