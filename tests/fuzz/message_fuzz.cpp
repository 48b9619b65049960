// Messages of the channel layer: what is read can be written, and is read as the same again.
#include "channels/message_format.hpp"

#include "fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace seendr;
  const std::string_view bytes = fuzz::text_of(data, size);
  channels::decode(bytes);
  const auto message = channels::decode_map(bytes);
  if (!message) return 0;
  const std::string written = channels::encode_map(*message);
  const auto again = channels::decode_map(written);
  fuzz::require(again.has_value(), "what was written can be read");
  fuzz::require(channels::encode_map(*again) == written, "it says the same");
  return 0;
}
