// `node --import watch-for-eval.mjs PROGRAM`: says on standard error whenever the program, or a worker thread of it, makes code
// out of a string. Zod catches what V8's own --disallow-code-generation-from-strings throws, so that would show nothing.
const say = () => process.stderr.write('made code out of a string\n');
globalThis.Function = new Proxy(Function, {
  construct: (target, args) => (say(), Reflect.construct(target, args)),
  apply: (target, self, args) => (say(), Reflect.apply(target, self, args)),
});
globalThis.eval = new Proxy(eval, {
  apply: (target, self, args) => (say(), Reflect.apply(target, self, args)),
});
