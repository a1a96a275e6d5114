import { AppError } from '../domain/errors.ts';

const statuses = {
  unauthorized: 401,
  forbidden: 403,
  preview_feature_required: 403,
  method_not_allowed: 405,
  length_required: 411,
  payload_too_large: 413,
  unsupported_media_type: 415,
} as const;

export type HttpErrorCode = keyof typeof statuses;

/** What the transport refuses before a use case is asked. */
export class HttpError extends AppError {
  override readonly name = 'HttpError';
  readonly code: HttpErrorCode;
  readonly status: number;
  readonly param?: string;
  readonly headers: Readonly<Record<string, string>>;
  constructor(
    code: HttpErrorCode,
    message: string,
    more: { readonly param?: string; readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(message);
    this.code = code;
    this.status = statuses[code];
    this.param = more.param;
    this.headers = more.headers ?? {};
  }
}
