import { type StorageProxy, startStorageProxy } from '../storage/storage-proxy.ts';

/** Proxies for so many points at the same time. A point that finds none free waits for its turn. */
export interface Lanes {
  use<Result>(play: (proxy: StorageProxy) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

export const openLanes = async (connectionString: string, count: number): Promise<Lanes> => {
  const proxies = await Promise.all(Array.from({ length: count }, () => startStorageProxy(connectionString)));
  const free = [...proxies];
  const waiting: ((proxy: StorageProxy) => void)[] = [];
  const take = (): Promise<StorageProxy> => {
    const proxy = free.pop();
    return proxy === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(proxy);
  };
  const give = (proxy: StorageProxy): void => {
    const next = waiting.shift();
    if (next === undefined) free.push(proxy);
    else next(proxy);
  };
  return {
    use: async (play) => {
      const proxy = await take();
      try {
        return await play(proxy);
      } finally {
        give(proxy);
      }
    },
    close: async () => void (await Promise.all(proxies.map((proxy) => proxy.close()))),
  };
};
