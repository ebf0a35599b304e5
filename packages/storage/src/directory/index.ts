export * from './demo-passwords.ts'
export * from './people-store.ts'
export * from './sign-in-store.ts'
