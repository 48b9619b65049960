#include "app/accounts/avatar_image.hpp"

#include <memory>
#include <stdexcept>

// clang-format off
#include <vips/vips.h>
#include <vips/vector.h>  // Wants the other before it.
#include <webp/encode.h>
// clang-format on

#include "app/accounts/image_parts.hpp"
#include "codec/crypto.hpp"
#include "codec/text.hpp"

#ifdef __SANITIZE_THREAD__
// libvips hands over between its threads by locks of GLib that the thread sanitizer does not see,
// so it must not look at the copies and frees that such libraries make. It looks at our own code.
extern "C" const char* __tsan_default_options() {
  return "ignore_noninstrumented_modules=1";
}
#endif

namespace seendr::app {

namespace {

constexpr int kLargest = kAvatarSizes.back();
constexpr float kQuality = 80;
constexpr std::size_t kVersionDigits = 32;

struct Unref {
  void operator()(VipsImage* image) const { g_object_unref(image); }
};
using Image = std::unique_ptr<VipsImage, Unref>;

struct Free {
  void operator()(void* memory) const { g_free(memory); }
};

struct FreeWebP {
  void operator()(unsigned char* memory) const { WebPFree(memory); }
};

// The library is there once a process, and starts with the first picture. It keeps nothing between
// two pictures, and writes nothing to stderr: what it warns of is what somebody sent.
void start_vips() {
  static const bool is_started = [] {
    g_log_set_handler(
        "VIPS", G_LOG_LEVEL_MASK, [](const char*, GLogLevelFlags, const char*, void*) {}, nullptr);
    if (vips_init("seendr") != 0) return false;
    vips_vector_set_enabled(FALSE);  // It would write code at run time, which a service may not.
    vips_concurrency_set(1);
    vips_cache_set_max(0);
    vips_block_untrusted_set(TRUE);
    vips_operation_block_set("VipsForeignLoad", TRUE);
    for (const char* loader : {"VipsForeignLoadJpeg", "VipsForeignLoadPng", "VipsForeignLoadWebp"})
      vips_operation_block_set(loader, FALSE);
    return true;
  }();
  if (!is_started) throw std::runtime_error("libvips does not start");
}

// Reads the header only. Null: it is damaged.
Image open(ImageFormat format, std::string_view bytes) {
  // libvips takes the bytes as not const, and does not change them.
  void* data = const_cast<char*>(bytes.data());
  VipsImage* image = nullptr;
  switch (format) {
    case ImageFormat::jpeg:
      vips_jpegload_buffer(data, bytes.size(), &image, nullptr);
      break;
    case ImageFormat::png:
      vips_pngload_buffer(data, bytes.size(), &image, nullptr);
      break;
    case ImageFormat::webp:
      vips_webpload_buffer(data, bytes.size(), &image, nullptr);
      break;
    case ImageFormat::other:
      break;
  }
  return Image(image);
}

// The middle of the picture, upright and in sRGB, at most kLargest wide and high. Never enlarges:
// of a very long picture that would be a lot. Decodes; null: the picture is damaged.
Image middle_of(std::string_view bytes, bool has_profile) {
  void* data = const_cast<char*>(bytes.data());
  VipsImage* lazy = nullptr;
  // Numbers without a profile are sRGB already; libvips would bend them.
  vips_thumbnail_buffer(data, bytes.size(), &lazy, kLargest, "height", kLargest, "size",
                        VIPS_SIZE_DOWN, "crop", VIPS_INTERESTING_CENTRE, "export_profile",
                        has_profile ? "srgb" : nullptr, "option_string", "[fail_on=error]",
                        nullptr);
  const Image thumbnail(lazy);
  if (!thumbnail) return nullptr;
  VipsImage* coloured = nullptr;
  vips_colourspace(thumbnail.get(), &coloured, VIPS_INTERPRETATION_sRGB, nullptr);
  const Image rgb(coloured);
  if (!rgb) return nullptr;
  VipsImage* bytewise = nullptr;
  vips_cast_uchar(rgb.get(), &bytewise, nullptr);
  const Image small(bytewise);
  return Image(small ? vips_image_copy_memory(small.get()) : nullptr);
}

// Null when there is no memory, likewise below.
Image square_of(const Image& image) {
  const int width = vips_image_get_width(image.get());
  const int height = vips_image_get_height(image.get());
  const int side = std::min(width, height);
  VipsImage* square = nullptr;
  vips_extract_area(image.get(), &square, (width - side) / 2, (height - side) / 2, side, side,
                    nullptr);
  return Image(square);
}

// From the pixels alone: libvips' own way to save would add EXIF.
std::string encode(const Image& image) {
  std::size_t size = 0;
  const std::unique_ptr<void, Free> memory(vips_image_write_to_memory(image.get(), &size));
  if (!memory) return "";
  const auto* pixels = static_cast<const unsigned char*>(memory.get());
  const int width = vips_image_get_width(image.get());
  const int height = vips_image_get_height(image.get());
  const int bands = vips_image_get_bands(image.get());
  if (bands != 3 && bands != 4) return "";
  unsigned char* out = nullptr;
  const std::size_t length =
      bands == 4 ? WebPEncodeRGBA(pixels, width, height, width * bands, kQuality, &out)
                 : WebPEncodeRGB(pixels, width, height, width * bands, kQuality, &out);
  const std::unique_ptr<unsigned char, FreeWebP> owned(out);
  return std::string(owned.get(), owned.get() + length);
}

std::string draw(const Image& square, int side) {
  VipsImage* scaled = nullptr;
  vips_thumbnail_image(square.get(), &scaled, side, "height", side, "size", VIPS_SIZE_FORCE,
                       nullptr);
  const Image image(scaled);
  return image ? encode(image) : "";
}

result<Avatar> draw_all(ImageFormat format, std::string_view bytes, std::int64_t max_pixels) {
  const Image header = open(format, bytes);
  if (!header) return AvatarErrc::broken;
  const std::int64_t width = vips_image_get_width(header.get());
  const std::int64_t height = vips_image_get_height(header.get());
  if (width * height > max_pixels) return AvatarErrc::too_many_pixels;
  if (format == ImageFormat::png &&
      has_surplus_pixels(bytes, static_cast<std::size_t>(width), static_cast<std::size_t>(height)))
    return AvatarErrc::broken;

  const bool has_profile = vips_image_get_typeof(header.get(), VIPS_META_ICC_NAME) != 0;
  const Image middle = middle_of(bytes, has_profile);
  if (!middle) return AvatarErrc::broken;
  const Image square = square_of(middle);
  if (!square) return AvatarErrc::broken;
  Avatar avatar;
  std::string all;
  for (std::size_t i = 0; i < kAvatarSizes.size(); ++i) {
    avatar.images[i] = draw(square, kAvatarSizes[i]);
    if (avatar.images[i].empty()) return AvatarErrc::broken;
    all += avatar.images[i];
  }
  avatar.version = to_hex(seendr::bytes(sha256(all))).substr(0, kVersionDigits);
  return avatar;
}

}  // namespace

result<Avatar> make_avatar(std::string_view bytes, AvatarLimits limits) {
  if (bytes.size() > limits.max_bytes) return AvatarErrc::too_many_bytes;
  const ImageFormat format = image_format(bytes);
  if (format == ImageFormat::other) return AvatarErrc::not_an_image;
  start_vips();
  const std::optional<std::string> parts = needed_parts(format, bytes);
  if (!parts) return AvatarErrc::broken;
  result<Avatar> avatar = draw_all(format, *parts, limits.max_pixels);
  vips_error_clear();  // What it says of a damaged picture is kept otherwise.
  return avatar;
}

}  // namespace seendr::app
