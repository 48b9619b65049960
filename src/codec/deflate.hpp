// zlib streams (RFC 1950) in one piece, and CRC-32.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace seendr {

// `level` from 0 (stored) to 9 (smallest). Throws bad_alloc alone.
std::string deflate(std::string_view data, int level = 6);

// The data of the stream `bytes` begins with; what follows the stream is ignored, as Python's
// zlib.decompressobj does. nullopt when it is not a whole stream, needs a dictionary, or holds
// more than `limit` bytes.
std::optional<std::string> inflate(std::string_view bytes, std::size_t limit);

// Whether the stream `bytes` begins with holds more than `limit` bytes, as far as it can be read.
// Keeps none of them.
bool inflates_beyond(std::string_view bytes, std::size_t limit);

// The checksum of zlib, gzip and PNG.
std::uint32_t crc32_of(std::string_view data);

}  // namespace seendr
