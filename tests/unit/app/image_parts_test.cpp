#include "app/accounts/image_parts.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "support/pictures.hpp"

namespace seendr::app {
namespace {

using namespace std::string_literals;
using namespace test;

std::string parts(ImageFormat format, const std::string& bytes) {
  const std::optional<std::string> copy = needed_parts(format, bytes);
  return copy ? *copy : "none";
}

std::string segment(char marker, const std::string& data) {
  const std::string length = big_endian(static_cast<std::uint32_t>(data.size() + 2)).substr(2);
  return "\xff"s + marker + length + data;
}

std::string webp_chunk(const std::string& type, const std::string& data) {
  std::string length = big_endian(static_cast<std::uint32_t>(data.size()));
  std::reverse(length.begin(), length.end());
  return type + length + data + (data.size() % 2 == 0 ? "" : "\0"s);
}

std::string webp_of(const std::string& chunks) {
  return webp_chunk("RIFF", "WEBP" + chunks);
}

const std::string kPngBegin = "\x89PNG\r\n\x1a\n"s;
const std::string kHeader = png_chunk("IHDR0123456789abc");
const std::string kPixels = png_chunk("IDATpixels");
const std::string kPngEnd = png_chunk("IEND");

TEST(ImageParts, KnowsAFormatByHowTheBytesBegin) {
  EXPECT_EQ(image_format("\xff\xd8\xff\xe0"), ImageFormat::jpeg);
  EXPECT_EQ(image_format(kPngBegin), ImageFormat::png);
  EXPECT_EQ(image_format(webp_of("")), ImageFormat::webp);
  EXPECT_EQ(image_format("RIFF\x04\0\0\0WAVE"s), ImageFormat::other);
  EXPECT_EQ(image_format(""), ImageFormat::other);
}

TEST(ImageParts, ChangesNothingOfAPlainFile) {
  const Picture picture = quarters(64, 48);
  const std::string png = png_of(8, 8);
  EXPECT_EQ(parts(ImageFormat::png, png), png);
  for (const char* suffix : {".jpg[strip]", ".jpg[interlace,strip]", ".webp[strip]"}) {
    const std::string bytes = encode(picture, suffix);
    EXPECT_EQ(parts(image_format(bytes), bytes), bytes) << suffix;
  }
}

TEST(ImageParts, KeepsOfAPngWhatIsDrawnFrom) {
  const std::string profile = png_chunk("iCCPp\0\0x"s);
  const std::string exif = png_chunk("eXIfII");
  const std::string colours = png_chunk("PLTErgb") + png_chunk("tRNSa");
  std::string all = kPngBegin + kHeader;
  for (const char* text : {"zTXtx", "iTXtx", "tEXtx", "sPLTx", "prVtx", "acTLx", "fdATx"}) {
    all += png_chunk(text) + png_chunk(text);
  }
  all += profile + profile + exif + exif + colours + kPixels + kPixels + kPngEnd + "more";
  EXPECT_EQ(parts(ImageFormat::png, all),
            kPngBegin + kHeader + profile + exif + colours + kPixels + kPixels + kPngEnd);
  const std::string huge = png_chunk("iCCP" + std::string(2'000'000, 'x'));
  EXPECT_EQ(parts(ImageFormat::png, kPngBegin + kHeader + huge + kPixels + kPngEnd),
            kPngBegin + kHeader + kPixels + kPngEnd);
}

TEST(ImageParts, SeesPixelsOfAPngThatNoRowIsLeftFor) {
  const auto of = [](const std::vector<std::string>& chunks) {
    std::string all = kPngBegin + kHeader;
    for (const std::string& data : chunks) all += png_chunk("IDAT" + data);
    return all + kPngEnd;
  };
  constexpr std::size_t kMost = 30 * 20 * 8 + 20 * 2 + 16;  // 16 bits, four bands, interlaced.
  const std::string full = deflate(std::string(kMost, 'x'));
  const std::string more = deflate(std::string(kMost + 1, 'x'));
  EXPECT_FALSE(has_surplus_pixels(of({full}), 30, 20));
  EXPECT_TRUE(has_surplus_pixels(of({more}), 30, 20));
  EXPECT_TRUE(has_surplus_pixels(of({more.substr(0, 9), "", more.substr(9)}), 30, 20));
  EXPECT_FALSE(has_surplus_pixels(of({}), 30, 20));
  for (const char* suffix : {".png", ".png[interlace]"}) {
    const std::string thin = encode(draw(1, 900, [](int, int) { return kRed; }), suffix);
    EXPECT_FALSE(has_surplus_pixels(parts(ImageFormat::png, thin), 1, 900)) << suffix;
  }
}

TEST(ImageParts, KeepsOfAJpegWhatIsDrawnFrom) {
  const std::string jfif = segment('\xe0', "JFIF");
  const std::string exif = segment('\xe1', "Exif\0\0II"s);
  const std::string profile = segment('\xe2', "ICC_PROFILE\0\1\2x"s);
  const std::string adobe = segment('\xee', "Adobe");
  const std::string frame = segment('\xc0', "frame") + segment('\xdb', "table");
  const std::string scan = segment('\xda', "scan") + "a\xff\0b\xff\xd0z"s;
  const std::string notes = segment('\xe1', "http://ns.adobe.com/xap/1.0/\0x"s) +
                            segment('\xe2', "MPF") + segment('\xed', "Photoshop") +
                            segment('\xef', "x") + segment('\xfe', "a comment");
  const std::string all = "\xff\xd8"s + jfif + jfif + exif + exif + notes + profile + profile +
                          adobe + adobe + frame + scan + exif + notes + scan + "\xff\xd9" + scan;
  EXPECT_EQ(parts(ImageFormat::jpeg, all), "\xff\xd8"s + jfif + exif + profile + profile + adobe +
                                               frame + scan + scan + "\xff\xd9");
}

TEST(ImageParts, TakesNoMoreThanAByteCanNumberOfTheProfileOfAJpeg) {
  const std::string profile = segment('\xe2', "ICC_PROFILE\0\1\2x"s);
  std::string all = "\xff\xd8"s;
  for (int i = 0; i < 1000; ++i) all += profile;
  EXPECT_EQ(parts(ImageFormat::jpeg, all + "\xff\xd9").size(), 4 + 255 * profile.size());
}

TEST(ImageParts, CountsTheScansOfAJpeg) {
  const auto with_scans = [](int count) {
    std::string all = "\xff\xd8"s;
    for (int i = 0; i < count; ++i) all += segment('\xda', "scan") + "pixels";
    return all + "\xff\xd9";
  };
  EXPECT_EQ(parts(ImageFormat::jpeg, with_scans(100)), with_scans(100));
  EXPECT_EQ(parts(ImageFormat::jpeg, with_scans(101)), "none");
  const std::string note = segment('\xe1', "Exif\0\xff\xda"s);
  EXPECT_NE(parts(ImageFormat::jpeg, "\xff\xd8" + note + with_scans(100).substr(2)), "none")
      << "what looks like one elsewhere is none";
}

TEST(ImageParts, KeepsOfAWebPWhatIsDrawnFrom) {
  const std::string head = webp_chunk("VP8X", "0123456789") + webp_chunk("ICCP", "odd");
  const std::string frame = webp_chunk("ANIM", "123456") + webp_chunk("ANMF", "first");
  const std::string exif = webp_chunk("EXIF", "II");
  const std::string more = webp_chunk("ANMF", "next") + webp_chunk("XMP ", "<x/>") +
                           webp_chunk("ANMF", "last") + webp_chunk("JUNK", "");
  EXPECT_EQ(parts(ImageFormat::webp, webp_of(head + frame + more + exif + exif) + "more"),
            webp_of(head + frame + exif));
  const std::string still = webp_chunk("ALPH", "a") + webp_chunk("VP8 ", "pixels");
  EXPECT_EQ(parts(ImageFormat::webp, webp_of(still + still)), webp_of(still));
}

TEST(ImageParts, SaysWhenAFileEndsWithinAPart) {
  const std::string png = kPngBegin + kHeader + kPixels + kPngEnd;
  const std::string webp = webp_of(webp_chunk("VP8 ", "pixels"));
  const std::string jpeg = "\xff\xd8"s + segment('\xe1', "Exif\0\0II"s);
  for (const std::string& bytes : {png, webp}) {
    const ImageFormat format = image_format(bytes);
    const std::size_t head = format == ImageFormat::png ? 8 : 12;
    ASSERT_EQ(parts(format, bytes), bytes);
    for (std::size_t size = head; size < bytes.size(); ++size) {
      EXPECT_EQ(parts(format, bytes.substr(0, size)), "none") << size;
    }
  }
  for (std::size_t size = 4; size < jpeg.size(); ++size) {
    EXPECT_EQ(parts(ImageFormat::jpeg, jpeg.substr(0, size)), "none") << size;
  }
  EXPECT_EQ(parts(ImageFormat::other, "GIF89a"), "none");
}

TEST(ImageParts, LeavesTheEndOfPixelsToTheDecoder) {
  const std::string open = "\xff\xd8"s + segment('\xda', "scan") + "pixels";
  for (const std::string end : {"", "\xff", "\xff\xff"}) {
    EXPECT_EQ(parts(ImageFormat::jpeg, open + end), open + end);
  }
}

TEST(ImageParts, ReadsAnyBytes) {
  const Picture picture = quarters(24, 24);
  for (const char* suffix : {".png", ".jpg[interlace]", ".webp"}) {
    const std::string bytes = encode(picture, suffix);
    const ImageFormat format = image_format(bytes);
    for (std::size_t at = 12; at < bytes.size(); ++at) {
      for (const char value : {'\0', '\x7f', '\xff'}) {
        std::string changed = bytes;
        changed[at] = value;
        EXPECT_LE(parts(format, changed).size(), bytes.size() + 4);
      }
    }
  }
}

}  // namespace
}  // namespace seendr::app
