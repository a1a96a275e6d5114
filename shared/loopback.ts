const loopbackName = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Whether the `hostname` of a URL is this machine. The URL parser has normalised it. */
export const isLoopbackName = (hostname: string): boolean => loopbackName.test(hostname);
