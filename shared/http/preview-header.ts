import { HttpError } from './http-error.ts';

const previewFeatures = ['routines=v1preview', 'routines=v2preview'];

/** With REQUIRE_PREVIEW_HEADER: throws HttpError (403) unless the comma list names a preview of routines. */
export const requirePreviewHeader = (headers: Headers): void => {
  const features = (headers.get('foundry-features') ?? '').split(',').map((feature) => feature.trim().toLowerCase());
  if (features.some((feature) => previewFeatures.includes(feature))) return;
  throw new HttpError(
    'preview_feature_required',
    'Routines are a preview here; expected the header "Foundry-Features: Routines=V1Preview" or "Routines=V2Preview"',
    { param: 'Foundry-Features' },
  );
};
