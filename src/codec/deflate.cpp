#include "codec/deflate.hpp"

#include <algorithm>
#include <array>
#include <new>
#include <zlib.h>

namespace seendr {

namespace {

constexpr std::size_t kFirstGuess = 1024;  // Room for the text, before it doubles.

// zlib's input pointer is not const, though it only reads.
Bytef* input(std::string_view data) {
  return reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
}

// Ends the stream whatever way the scope is left.
struct Inflater {
  z_stream stream{};
  Inflater() {
    if (inflateInit(&stream) != Z_OK) throw std::bad_alloc();
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() { inflateEnd(&stream); }
};

}  // namespace

std::string deflate(std::string_view data, int level) {
  uLongf size = compressBound(data.size());
  std::string out(size, '\0');
  if (compress2(reinterpret_cast<Bytef*>(out.data()), &size, input(data), data.size(), level) !=
      Z_OK) {
    throw std::bad_alloc();
  }
  out.resize(size);
  return out;
}

std::optional<std::string> inflate(std::string_view bytes, std::size_t limit) {
  Inflater inflater;
  z_stream& stream = inflater.stream;
  stream.next_in = input(bytes);
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string out(std::min(limit, std::max(kFirstGuess, 4 * bytes.size())) + 1, '\0');
  for (;;) {
    stream.next_out = reinterpret_cast<Bytef*>(out.data()) + stream.total_out;
    stream.avail_out = static_cast<uInt>(out.size() - stream.total_out);
    const int status = ::inflate(&stream, Z_NO_FLUSH);
    if (stream.total_out > limit) return std::nullopt;
    if (status == Z_STREAM_END) break;
    if (status != Z_OK || stream.avail_out > 0) return std::nullopt;  // Broken, or cut off.
    out.resize(std::min(2 * out.size(), limit + 1));
  }
  out.resize(stream.total_out);
  return out;
}

bool inflates_beyond(std::string_view bytes, std::size_t limit) {
  Inflater inflater;
  z_stream& stream = inflater.stream;
  stream.next_in = input(bytes);
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::array<Bytef, 16'384> scratch{};
  int status = Z_OK;
  while (status == Z_OK && stream.total_out <= limit) {
    stream.next_out = scratch.data();
    stream.avail_out = static_cast<uInt>(scratch.size());
    status = ::inflate(&stream, Z_NO_FLUSH);  // Not Z_OK either when there is no more to read.
  }
  return stream.total_out > limit;
}

std::uint32_t crc32_of(std::string_view data) {
  return static_cast<std::uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(data.data()), data.size()));
}

}  // namespace seendr
