import type { Property } from './property.ts'

export const property: Property = {
  number: 14,
  title: 'Every bad input gives its code',
  measure: () => ({
    notYet:
      'the catalogue of bad input is not one table of data; rows of it are measured under P5, P6, P9, P10 and P16',
  }),
}
