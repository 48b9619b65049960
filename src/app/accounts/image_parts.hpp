// What of an image file is needed to draw it: a copy without all else that a file may carry.
//
// Decoders read the rest, too, and some of it costs them far more than it weighs: libpng unpacks
// each compressed text of a PNG, libjpeg walks over all metadata before to keep one more piece of
// it, and libvips over all frames of a WebP to find the next. So there is one of each at most here,
// and of what nobody draws from none.
// Formats: ITU-T T.81 annex B (JPEG), ISO/IEC 15948 sections 5 and 11 (PNG), RFC 9649 (WebP).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace seendr::app {

enum class ImageFormat { jpeg, png, webp, other };

// By how the bytes begin.
ImageFormat image_format(std::string_view bytes);

// What the pixels are decoded from, of an animation the first frame, and the first colour profile
// and EXIF, which say what colours they are and which side is up. nullopt when the file is cut off
// within one of its parts, is none of the three formats, or is a JPEG of more than 100 scans.
// Whether what is copied makes sense is for the decoder to find out. Pure; takes time by the bytes.
std::optional<std::string> needed_parts(ImageFormat format, std::string_view bytes);

// Whether there is more packed in a PNG than its size has pixels for. libpng unpacks that, too, a
// thousand bytes for each that were sent. `png`: of needed_parts(). Takes time by the pixels.
bool has_surplus_pixels(std::string_view png, std::size_t width, std::size_t height);

}  // namespace seendr::app
