// Makes the pictures of a person out of an image that they sent, by libvips.
//
// What comes from a stranger is read by the loaders for JPEG, PNG and WebP alone, chosen by the
// bytes and never by what the sender says; libvips refuses to load with any other. They see what is
// needed to draw it and nothing else that the file carries (image_parts.hpp). The size is taken
// from the header, before anything is decoded. What goes out is drawn anew: nothing of the
// sender's bytes, above all no EXIF, GPS or colour profile, is in it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace seendr::app {

enum class AvatarErrc { not_an_image = 1, too_many_bytes, too_many_pixels, broken };

constexpr std::string_view describe(AvatarErrc e) {
  switch (e) {
    case AvatarErrc::not_an_image:
      return "The picture must be a JPEG, PNG or WebP image.";
    case AvatarErrc::too_many_bytes:
      return "The picture has too many bytes.";
    case AvatarErrc::too_many_pixels:
      return "The picture has too many pixels.";
    case AvatarErrc::broken:
      return "The picture is damaged and cannot be read.";
  }
  return "The picture cannot be used.";
}

using seendr::make_error_code;

struct AvatarLimits {
  std::size_t max_bytes = std::size_t{5} << 20;
  // Width by height, as the header says. Decoding may take 10 bytes for each.
  std::int64_t max_pixels = 40'000'000;
};

inline constexpr std::array kAvatarSizes{64, 256, 512};  // Width and height, in pixels.
inline constexpr std::string_view kAvatarType = "image/webp";

struct Avatar {
  std::string version;                                  // 32 hex digits: a hash of the pictures.
  std::array<std::string, kAvatarSizes.size()> images;  // WebP, in the order of kAvatarSizes.
};

// The square in the middle of the image, upright as EXIF says, in sRGB; of an animation the first
// frame. A smaller image is enlarged. Takes up to seconds of one core, so not on an event loop; may
// be called by any thread. The error is an AvatarErrc.
result<Avatar> make_avatar(std::string_view bytes, AvatarLimits limits);

}  // namespace seendr::app

template <>
struct boost::system::is_error_code_enum<seendr::app::AvatarErrc> : std::true_type {};
