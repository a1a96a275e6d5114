import type { SimulatedTime } from './simulated-time.ts';

/** When the platform calls the service. All instants are real, in milliseconds. */
export interface HostTimer {
  /** From now on, or longer when it is down already. */
  breakDown(seconds: number): void;
  isDown(): boolean;
  /** When it is up again; in the past when it is not down. */
  upAt(): number;
  tickAt(): number;
  /** At the next full minute of the service's clock that finds it up. To be called after a tick and a clock step. */
  scheduleTick(): void;
}

const minuteMs = 60_000;

export const createHostTimer = (time: SimulatedTime): HostTimer => {
  let upAt = 0;
  let tickAt = time.moment.real;
  const scheduleTick = () => {
    const { real, shown } = time.moment;
    const from = Math.max(real, upAt);
    tickAt = from + minuteMs - ((from + shown - real) % minuteMs);
  };
  return {
    breakDown: (seconds) => {
      upAt = Math.max(upAt, time.moment.real + seconds * 1000);
      scheduleTick();
    },
    isDown: () => time.moment.real < upAt,
    upAt: () => upAt,
    tickAt: () => tickAt,
    scheduleTick,
  };
};
