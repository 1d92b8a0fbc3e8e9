/** @file A part of the model whose code is fetched when it is first asked for something. */

type Async<T> = { readonly [K in keyof T]: T[K] extends (...args: never[]) => Promise<unknown> ? T[K] : never };

/** Only for what answers by promises anyway. */
export function lazily<T extends Async<T>>(load: () => Promise<T>): T {
  let loaded: Promise<T> | null = null;
  const call = async (name: string | symbol, args: readonly unknown[]): Promise<unknown> => {
    loaded ??= load();
    // Without a connection it is fetched again the next time.
    const target = await loaded.catch((error: unknown) => {
      loaded = null;
      throw error;
    });
    const act = Reflect.get(target, name) as (...given: readonly unknown[]) => Promise<unknown>;
    return act.apply(target, args as unknown[]);
  };
  return new Proxy({} as T, { get: (_nothing, name) => (...args: readonly unknown[]) => call(name, args) });
}
