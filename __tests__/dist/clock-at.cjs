'use strict'
// Loaded before a program: its clock stands at KEYLESS_TEST_NOW when it starts and goes on from there.
const shift = Number(process.env.KEYLESS_TEST_NOW) - Date.now()
const now = Date.now.bind(Date)
Date.now = () => now() + shift
