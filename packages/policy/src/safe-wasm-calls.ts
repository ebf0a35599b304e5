/**
 * Keeps V8 of Node 20 from inlining calls into WebAssembly. Where such a call is deoptimized in the middle of a decision, it
 * aborts the whole process ("unreachable code" in the deoptimizer); later versions do not.
 */
import { setFlagsFromString } from 'node:v8'

if (process.versions.node.startsWith('20.')) setFlagsFromString('--no-turbo-inline-js-wasm-calls')
