// Pictures for tests: drawn, encoded and looked at with libvips.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "codec/deflate.hpp"

#include <vips/vips.h>

namespace seendr::test {

struct UnrefPicture {
  void operator()(VipsImage* image) const { g_object_unref(image); }
};
using Picture = std::unique_ptr<VipsImage, UnrefPicture>;

using Pixel = std::array<int, 3>;
inline constexpr Pixel kRed{255, 0, 0};
inline constexpr Pixel kGreen{0, 255, 0};
inline constexpr Pixel kBlue{0, 0, 255};
inline constexpr Pixel kWhite{255, 255, 255};

// In sRGB; with four bands all of it is transparent.
inline Picture draw(int width, int height, const std::function<Pixel(int, int)>& colour,
                    int bands = 3) {
  if (vips_init("test") != 0) throw std::runtime_error("libvips does not start");
  std::vector<unsigned char> memory;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (const int value : colour(x, y)) memory.push_back(static_cast<unsigned char>(value));
      if (bands == 4) memory.push_back(0);
    }
  }
  Picture picture(vips_image_new_from_memory_copy(memory.data(), memory.size(), width, height,
                                                  bands, VIPS_FORMAT_UCHAR));
  picture->Type = VIPS_INTERPRETATION_sRGB;
  return picture;
}

inline Picture plain(int side, const Pixel& colour) {
  return draw(side, side, [&colour](int, int) { return colour; });
}

// Four quarters: red, green / blue, white.
inline Picture quarters(int width, int height) {
  return draw(width, height, [width, height](int x, int y) {
    if (y < height / 2) return x < width / 2 ? kRed : kGreen;
    return x < width / 2 ? kBlue : kWhite;
  });
}

// Does not shrink to nothing: half of its bytes are half of the picture.
inline Picture busy(int side) {
  return draw(side, side, [](int x, int y) { return Pixel{x * y % 256, x % 256, y % 256}; });
}

// `suffix` chooses the format, and options: ".jpg", ".png[profile=p3]".
inline std::string encode(const Picture& picture, const char* suffix) {
  void* memory = nullptr;
  std::size_t size = 0;
  if (vips_image_write_to_buffer(picture.get(), suffix, &memory, &size, nullptr) != 0) {
    throw std::runtime_error(vips_error_buffer());
  }
  std::string bytes(static_cast<const char*>(memory), size);
  g_free(memory);
  return bytes;
}

inline Picture decode_webp(const std::string& bytes) {
  if (vips_init("test") != 0) throw std::runtime_error("libvips does not start");
  VipsImage* image = nullptr;
  vips_webpload_buffer(const_cast<char*>(bytes.data()), bytes.size(), &image, nullptr);
  const Picture lazy(image);
  Picture whole(lazy ? vips_image_copy_memory(lazy.get()) : nullptr);
  if (!whole) throw std::runtime_error("this is no WebP");
  return whole;
}

inline Pixel pixel_at(const Picture& picture, int x, int y) {
  double* values = nullptr;
  int count = 0;
  vips_getpoint(picture.get(), &values, &count, x, y, nullptr);
  Pixel out{};
  for (int i = 0; i < std::min(count, 3); ++i) {
    out.at(static_cast<std::size_t>(i)) = static_cast<int>(values[i]);
  }
  g_free(values);
  return out;
}

inline std::string big_endian(std::uint32_t value) {
  std::string out;
  for (const int shift : {24, 16, 8, 0}) out += static_cast<char>((value >> shift) & 0xffU);
  return out;
}

// Of a PNG. `body`: its type, then its data.
inline std::string png_chunk(const std::string& body) {
  return big_endian(static_cast<std::uint32_t>(body.size() - 4)) + body +
         big_endian(crc32_of(body));
}

// A PNG of that size by its header, and with pixels for one of 8 by 8, or those that are given.
inline std::string png_of(std::uint32_t width, std::uint32_t height,
                          const std::string& pixels = std::string(16, '\0')) {
  const std::string black_and_white("\x01\0\0\0\0", 5);
  return "\x89PNG\r\n\x1a\n" +
         png_chunk("IHDR" + big_endian(width) + big_endian(height) + black_and_white) +
         png_chunk("IDAT" + deflate(pixels)) + png_chunk("IEND");
}

// The PNG with so many more chunks, which are text that weighs little and unpacks to 7.9 MB each.
inline std::string with_long_texts(const std::string& png, int count) {
  constexpr std::size_t kHead = 33;  // The signature and IHDR.
  const std::string text =
      png_chunk(std::string("zTXtk\0\0", 7) + deflate(std::string(7'900'000, 'a'), 9));
  std::string out = png.substr(0, kHead);
  for (int i = 0; i < count; ++i) out += text;
  return out + png.substr(kHead);
}

// The JPEG with so many more EXIF segments, each a valid one of a few bytes.
inline std::string with_many_exifs(const std::string& jpeg, int count) {
  const std::string one(
      "\xff\xe1\0\x22"
      "Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x01\0\0\0\0\0\0\0",
      36);
  std::string out = jpeg.substr(0, 2);
  for (int i = 0; i < count; ++i) out += one;
  return out + jpeg.substr(2);
}

// The animated WebP with the chunk that begins with that type so many times more, at its end.
inline std::string with_many_chunks(const std::string& webp, const std::string& type, int count) {
  const std::size_t at = webp.find(type);
  const auto byte = [&webp](std::size_t where) {
    return std::size_t{static_cast<unsigned char>(webp.at(where))};
  };
  const std::size_t length = byte(at + 4) | byte(at + 5) << 8U | byte(at + 6) << 16U;
  const std::string one = webp.substr(at, 8 + length + length % 2);
  std::string out = webp;
  for (int i = 0; i < count; ++i) out += one;
  for (std::size_t i = 0; i < 4; ++i) {
    out[4 + i] = static_cast<char>((out.size() - 8) >> (8 * i) & 0xffU);
  }
  return out;
}

}  // namespace seendr::test
