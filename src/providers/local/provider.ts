import * as v from 'valibot';
import type { EngineAddress } from '../../common/engineEnvironment.ts';
import type { Http } from '../../net/http.ts';
import { ProviderError } from '../../sandboxes/errors.ts';
import type { CallOptions } from '../../sandboxes/provider.ts';
import { leap0Http } from '../leap0/api.ts';
import { Leap0Provider, type Leap0ProviderOptions } from '../leap0/provider.ts';

const listener = v.object({ url: v.string(), key: v.string() });

/** The engine of this machine: Leap0's protocol, and what is the engine's own. */
export class LocalProvider extends Leap0Provider {
  readonly #http: Http;
  readonly #hide: (secret: string) => void;

  constructor(options: Leap0ProviderOptions) {
    super(options);
    this.#http = leap0Http(options);
    this.#hide = options.hide;
  }

  readonly openListener = async (options: CallOptions = {}): Promise<EngineAddress> => {
    try {
      const address = await this.#http.json(listener, {
        method: 'POST',
        path: '/v1/engine/listener',
        ...options,
      });
      this.#hide(address.key);
      return address;
    } catch (thrown) {
      if (ProviderError.from(thrown).kind !== 'notFound') throw thrown;
      // The engine outlives the editor that has started it.
      throw new ProviderError('unavailable', 'The local engine that runs is of an older version.', {
        advice: 'It ends by itself 10 minutes after its last sandbox was stopped or deleted. Then try again.',
        cause: thrown,
      });
    }
  };

  override dispose(): void {
    this.#http.dispose();
    super.dispose();
  }
}
