// URLs of Redis, from configuration.
#include "redis/url.hpp"

#include "fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto url = seendr::redis::parse_url(seendr::fuzz::text_of(data, size));
  if (!url) return 0;
  const bool is_local = url->scheme == seendr::redis::Scheme::unix_socket;
  seendr::fuzz::require(!(is_local ? url->path : url->host).empty(), "a URL names a place");
  seendr::redis::Url other = *url;
  if (!other.password.empty()) other.password = "another";
  const bool is_masked = seendr::redis::masked(*url) == seendr::redis::masked(other);
  seendr::fuzz::require(is_masked, "no log tells passwords apart");
  return 0;
}
