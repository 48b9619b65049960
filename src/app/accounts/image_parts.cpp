#include "app/accounts/image_parts.hpp"

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <set>

#include "codec/deflate.hpp"

namespace seendr::app {

namespace {

using namespace std::string_view_literals;

// A progressive JPEG is decoded once a scan, however little each has; cameras make about ten.
constexpr int kMostScans = 100;
constexpr int kMostProfilePieces = 255;  // Of a JPEG: they are numbered by a byte.
// Of a PNG, packed. Profiles of screens and cameras have a few thousand.
constexpr std::size_t kMostProfileBytes = std::size_t{1} << 20;

unsigned byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

std::size_t big_endian(std::string_view bytes) {
  std::size_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) value = value << 8 | byte_at(bytes, i);
  return value;
}

std::size_t little_endian(std::string_view bytes) {
  std::size_t value = 0;
  for (std::size_t i = bytes.size(); i > 0; --i) value = value << 8 | byte_at(bytes, i - 1);
  return value;
}

bool is_one_of(std::string_view type, std::initializer_list<std::string_view> types) {
  return std::find(types.begin(), types.end(), type) != types.end();
}

// A chunk of a PNG: the length of its data, its type, the data, a checksum.
constexpr std::size_t kPngSignature = 8;
constexpr std::size_t kPngFrame = 12;

std::optional<std::string> parts_of_png(std::string_view bytes) {
  std::string out(bytes.substr(0, kPngSignature));
  std::set<std::string_view> seen;
  for (std::size_t at = kPngSignature; bytes.size() - at >= kPngFrame;) {
    const std::size_t length = big_endian(bytes.substr(at, 4));
    if (length > bytes.size() - at - kPngFrame) return std::nullopt;
    const std::string_view type = bytes.substr(at + 4, 4);
    const bool is_once = is_one_of(type, {"IHDR", "PLTE", "tRNS", "eXIf", "IEND"}) ||
                         (type == "iCCP" && length <= kMostProfileBytes);
    if (type == "IDAT" || (is_once && seen.insert(type).second)) {
      out += bytes.substr(at, kPngFrame + length);
    }
    if (type == "IEND") return out;
    at += kPngFrame + length;
  }
  return std::nullopt;
}

// A chunk: its type, the length of its data, the data, and a byte if that makes it even.
std::optional<std::string> parts_of_webp(std::string_view bytes) {
  constexpr std::size_t kHeader = 12;
  constexpr std::size_t kFrame = 8;
  const std::size_t whole = little_endian(bytes.substr(4, 4));
  if (whole > bytes.size() - kFrame) return std::nullopt;
  bytes = bytes.substr(0, kFrame + whole);
  std::string chunks;
  std::set<std::string_view> seen;
  for (std::size_t at = kHeader; at < bytes.size();) {
    if (bytes.size() - at < kFrame) return std::nullopt;
    const std::size_t length = little_endian(bytes.substr(at + 4, 4));
    if (length > bytes.size() - at - kFrame) return std::nullopt;
    const std::string_view type = bytes.substr(at, 4);
    const bool is_needed =
        is_one_of(type, {"VP8X", "ICCP", "ANIM", "ANMF", "ALPH", "VP8 ", "VP8L", "EXIF"});
    if (is_needed && seen.insert(type).second) {
      chunks += bytes.substr(at, kFrame + length);
      if (length % 2 != 0) chunks += '\0';
    }
    at = std::min(at + kFrame + length + length % 2, bytes.size());
  }
  std::string out = "RIFF";
  const std::size_t size = chunks.size() + 4;
  for (const int shift : {0, 8, 16, 24}) out += static_cast<char>(size >> shift & 0xffU);
  return out + "WEBP" + chunks;
}

// A segment: 0xff, its marker, the length of itself and its data, the data. Those of scans are
// followed by the pixels.
class JpegParts {
 public:
  explicit JpegParts(std::string_view bytes) : bytes_(bytes), out_(bytes.substr(0, 2)) {}

  std::optional<std::string> copy() {
    while (find_marker()) {
      const unsigned marker = byte_at(bytes_, at_++);
      if (marker == kEnd) return out_ + "\xff\xd9";
      if (is_alone(marker)) continue;
      if (bytes_.size() - at_ < 2) return std::nullopt;
      const std::size_t length = big_endian(bytes_.substr(at_, 2));
      if (length < 2 || length > bytes_.size() - at_) return std::nullopt;
      const std::string_view segment = bytes_.substr(at_, length);
      at_ += length;
      if (is_needed(marker, segment.substr(2))) {
        out_ += '\xff';
        out_ += static_cast<char>(marker);
        out_ += segment;
      }
      if (marker != kScan) continue;
      if (++scans_ > kMostScans) return std::nullopt;
      copy_pixels();
    }
    return out_;  // It ends too early, which some decoders forgive.
  }

 private:
  static constexpr unsigned kEnd = 0xd9;
  static constexpr unsigned kScan = 0xda;
  static constexpr unsigned kJfif = 0xe0;
  static constexpr unsigned kExif = 0xe1;
  static constexpr unsigned kProfile = 0xe2;
  static constexpr unsigned kAdobe = 0xee;
  static constexpr unsigned kLastApplication = 0xef;
  static constexpr unsigned kComment = 0xfe;

  static bool is_restart(unsigned marker) { return marker >= 0xd0 && marker <= 0xd7; }
  // It has no length, and outside of pixels no meaning.
  static bool is_alone(unsigned marker) {
    return marker <= 0x01 || is_restart(marker) || marker == 0xd8;
  }

  // False: there is none any more.
  bool find_marker() {
    at_ = std::min(bytes_.find('\xff', at_), bytes_.size());
    at_ = std::min(bytes_.find_first_not_of('\xff', at_), bytes_.size());
    return at_ < bytes_.size();
  }

  bool is_needed(unsigned marker, std::string_view data) {
    if (marker == kProfile) {
      return data.starts_with("ICC_PROFILE\0"sv) && ++profile_pieces_ <= kMostProfilePieces;
    }
    const bool is_once =
        marker == kJfif || marker == kAdobe || (marker == kExif && data.starts_with("Exif\0"sv));
    if (is_once) return seen_.insert(marker).second;
    return (marker < kJfif || marker > kLastApplication) && marker != kComment;
  }

  // Up to the next marker that is no part of them.
  void copy_pixels() {
    const std::size_t begin = at_;
    for (;;) {
      at_ = std::min(bytes_.find('\xff', at_), bytes_.size());
      if (bytes_.size() - at_ < 2) at_ = bytes_.size();
      if (at_ == bytes_.size()) break;
      const unsigned next = byte_at(bytes_, at_ + 1);
      if (next != 0x00 && next != 0xff && !is_restart(next)) break;
      at_ += next == 0xff ? 1 : 2;
    }
    out_ += bytes_.substr(begin, at_ - begin);
  }

  std::string_view bytes_;
  std::size_t at_ = 2;
  std::string out_;
  std::set<unsigned> seen_;
  int profile_pieces_ = 0;
  int scans_ = 0;
};

}  // namespace

ImageFormat image_format(std::string_view bytes) {
  if (bytes.starts_with("\xff\xd8\xff"sv)) return ImageFormat::jpeg;
  if (bytes.starts_with("\x89PNG\r\n\x1a\n"sv)) return ImageFormat::png;
  if (bytes.starts_with("RIFF"sv) && bytes.substr(0, 12).ends_with("WEBP"sv)) {
    return ImageFormat::webp;
  }
  return ImageFormat::other;
}

std::optional<std::string> needed_parts(ImageFormat format, std::string_view bytes) {
  switch (format) {
    case ImageFormat::jpeg:
      return JpegParts(bytes).copy();
    case ImageFormat::png:
      return parts_of_png(bytes);
    case ImageFormat::webp:
      return parts_of_webp(bytes);
    case ImageFormat::other:
      break;
  }
  return std::nullopt;
}

bool has_surplus_pixels(std::string_view png, std::size_t width, std::size_t height) {
  constexpr std::size_t kLargestPixel = 8;    // Four bands of 16 bits.
  constexpr std::size_t kMostRowsOfARow = 2;  // When interlaced; each begins with a byte.
  constexpr std::size_t kMostRowsAdded = 16;
  std::string packed;
  for (std::size_t at = kPngSignature; at < png.size();) {
    const std::size_t length = big_endian(png.substr(at, 4));
    if (png.substr(at + 4, 4) == "IDAT") packed += png.substr(at + 8, length);
    at += kPngFrame + length;
  }
  return inflates_beyond(
      packed, width * height * kLargestPixel + height * kMostRowsOfARow + kMostRowsAdded);
}

}  // namespace seendr::app
