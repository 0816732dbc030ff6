import fc from 'fast-check'

/** Texts made of what could start something. */
export const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...[
          '`',
          '``',
          '```',
          '|',
          '\\',
          '\\|',
          '<',
          '>',
          '&',
          '\n',
          '\r',
          '#',
          '*',
          '_',
          '[',
          ']',
          '(',
          ')',
          '!',
        ],
        ...[
          'https://evil.example',
          'www.evil.example',
          '@octo',
          'a@b.co',
          '::error::x',
          '##[group]',
          ' ',
          '~~',
          '$',
        ],
        ...[
          '<script>',
          '</details>',
          '![a](b)',
          '\u202e',
          '\u001b[2J',
          '\ud800',
          '- ',
          '1. ',
          ':smile:',
          'word',
          'é',
        ],
      ),
      fc.string({ maxLength: 8 }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''))
