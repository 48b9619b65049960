// Pictures for tests: drawn, encoded and looked at with libvips.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>
#include <zlib.h>

#include "codec/text.hpp"

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

// A PNG of that size by its header, and with pixels for one of 8 by 8.
inline std::string png_of(std::uint32_t width, std::uint32_t height) {
  const auto number = [](std::uint32_t value) {
    std::string out;
    for (const int shift : {24, 16, 8, 0}) out += static_cast<char>((value >> shift) & 0xffU);
    return out;
  };
  const auto chunk = [&number](const std::string& body) {
    const Bytes all = bytes(body);
    const auto sum = crc32(0, all.data(), static_cast<unsigned>(all.size()));
    return number(static_cast<std::uint32_t>(body.size() - 4)) + body +
           number(static_cast<std::uint32_t>(sum));
  };
  std::string packed(64, '\0');
  uLongf length = packed.size();
  const std::string pixels(16, '\0');  // 8 rows: no filter, one byte.
  compress2(reinterpret_cast<unsigned char*>(packed.data()), &length, bytes(pixels).data(),
            pixels.size(), 9);
  packed.resize(length);
  const std::string black_and_white("\x01\0\0\0\0", 5);
  return "\x89PNG\r\n\x1a\n" + chunk("IHDR" + number(width) + number(height) + black_and_white) +
         chunk("IDAT" + packed) + chunk("IEND");
}

}  // namespace seendr::test
