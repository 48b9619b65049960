#include "app/accounts/avatar_image.hpp"

#include <ctime>
#include <fstream>

#include <gtest/gtest.h>

#include "support/pictures.hpp"

namespace seendr::app {
namespace {

using namespace test;

void expect_near(const Pixel& got, const Pixel& wanted, const std::string& what) {
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    EXPECT_NEAR(got.at(i), wanted.at(i), 24) << what << ", band " << i;
  }
}

class AvatarImageTest : public testing::Test {
 protected:
  // As the server does: the first picture starts the library.
  static void SetUpTestSuite() { EXPECT_FALSE(make_avatar("\xff\xd8\xff", {})); }

  // The pictures of bytes that can be used, decoded again.
  static std::vector<Picture> made(const std::string& bytes) {
    const result<Avatar> avatar = make_avatar(bytes, {});
    if (!avatar) throw std::runtime_error(avatar.error().message());
    std::vector<Picture> pictures;
    for (const std::string& image : avatar->images) pictures.push_back(decode_webp(image));
    return pictures;
  }

  // Which colour is in the middle of each quarter of the largest picture.
  static void expect_quarters(const std::string& bytes, const std::array<Pixel, 4>& wanted,
                              const std::string& what) {
    const Picture largest = std::move(made(bytes).back());
    for (const int i : {0, 1, 2, 3}) {
      expect_near(pixel_at(largest, i % 2 == 0 ? 128 : 384, i < 2 ? 128 : 384),
                  wanted.at(static_cast<std::size_t>(i)), what + ", quarter " + std::to_string(i));
    }
  }

  static error_code refusal(const std::string& bytes, AvatarLimits limits = {}) {
    const result<Avatar> avatar = make_avatar(bytes, limits);
    return avatar ? error_code() : avatar.error();
  }
};

TEST_F(AvatarImageTest, MakesThreeSquaresOfTheMiddle) {
  const Picture wide = draw(600, 200, [](int x, int) {
    if (x < 200) return kRed;
    return x < 400 ? kGreen : kBlue;
  });
  for (const char* format : {".jpg", ".png", ".webp"}) {
    const std::vector<Picture> pictures = made(encode(wide, format));
    ASSERT_EQ(pictures.size(), kAvatarSizes.size());
    for (std::size_t i = 0; i < pictures.size(); ++i) {
      const int side = kAvatarSizes.at(i);
      EXPECT_EQ(vips_image_get_width(pictures[i].get()), side) << format;
      EXPECT_EQ(vips_image_get_height(pictures[i].get()), side) << format;
      for (const int x : {side / 16, side / 2, side - side / 16}) {
        expect_near(pixel_at(pictures[i], x, side / 2), kGreen, format);
      }
    }
  }
}

TEST_F(AvatarImageTest, ShrinksWhatIsLargeAndEnlargesWhatIsSmall) {
  for (const int side : {1, 2, 63, 300, 3000}) {
    const std::string bytes = encode(plain(side, kBlue), ".png");
    for (const Picture& picture : made(bytes))
      expect_near(pixel_at(picture, 32, 32), kBlue, "blue");
  }
  const Picture thread = draw(20'000, 1, [](int, int) { return kRed; });
  for (const int orientation : {1, 6}) {
    // A turned one must be in memory as a whole: not as 512 times its height.
    vips_image_set_int(thread.get(), VIPS_META_ORIENTATION, orientation);
    for (const Picture& picture : made(encode(thread, ".jpg"))) {
      expect_near(pixel_at(picture, 32, 32), kRed, "thread");
    }
  }
}

TEST_F(AvatarImageTest, TurnsThePictureUprightAsExifSays) {
  const Picture plain = quarters(64, 64);
  const std::vector<std::array<Pixel, 4>> upright{
      {kRed, kGreen, kBlue, kWhite}, {kGreen, kRed, kWhite, kBlue}, {kWhite, kBlue, kGreen, kRed},
      {kBlue, kWhite, kRed, kGreen}, {kRed, kBlue, kGreen, kWhite}, {kBlue, kRed, kWhite, kGreen},
      {kWhite, kGreen, kBlue, kRed}, {kGreen, kWhite, kRed, kBlue}};
  for (int orientation = 1; orientation <= 8; ++orientation) {
    VipsImage* copy = nullptr;
    vips_copy(plain.get(), &copy, nullptr);
    const Picture turned(copy);
    vips_image_set_int(turned.get(), VIPS_META_ORIENTATION, orientation);
    expect_quarters(encode(turned, ".jpg"), upright.at(static_cast<std::size_t>(orientation - 1)),
                    "orientation " + std::to_string(orientation));
  }
}

TEST_F(AvatarImageTest, LeavesNothingOfWhereAndByWhatItWasTaken) {
  const Picture picture = quarters(700, 700);
  vips_image_set_int(picture.get(), VIPS_META_ORIENTATION, 6);
  vips_image_set_string(picture.get(), "exif-ifd0-Make", "Leica (Leica, ASCII, 6 components)");
  vips_image_set_string(picture.get(), "exif-ifd3-GPSLatitude",
                        "48/1 51/1 30/1 (48, 51, 30, Rational, 3 components, 24 bytes)");
  const std::string note = "<x:xmpmeta>taken at home</x:xmpmeta>";
  vips_image_set_blob_copy(picture.get(), VIPS_META_XMP_NAME, note.data(), note.size());
  const std::vector<std::array<const char*, 2>> formats{
      {".jpg[profile=p3]", "Leica"}, {".png[profile=p3]", "iCCP"}, {".webp[profile=p3]", "Leica"}};
  for (const auto& [format, sent] : formats) {
    const std::string bytes = encode(picture, format);
    ASSERT_NE(bytes.find(sent), std::string::npos) << "the test sends none";
    const result<Avatar> avatar = make_avatar(bytes, {});
    ASSERT_TRUE(avatar);
    for (const std::string& image : avatar->images) {
      for (const char* trace : {"EXIF", "Exif", "XMP ", "ICCP", "Leica", "taken", "xmp"}) {
        EXPECT_EQ(image.find(trace), std::string::npos) << format << ": " << trace;
      }
      const Picture again = decode_webp(image);
      EXPECT_EQ(vips_image_get_orientation(again.get()), 1);
    }
  }
}

TEST_F(AvatarImageTest, ShowsTheColoursThatTheProfileMeant) {
  // The largest red of sRGB, in the numbers of a wider space.
  const Picture red = plain(64, kRed);
  VipsImage* image = nullptr;
  ASSERT_EQ(vips_icc_transform(red.get(), &image, "p3", "input_profile", "srgb", nullptr), 0);
  const Picture wide(image);
  ASSERT_GT(pixel_at(wide, 32, 32).at(1), 40) << "the numbers are others there";
  for (const Picture& picture : made(encode(wide, ".png"))) {
    expect_near(pixel_at(picture, 32, 32), kRed, "red");
  }
}

TEST_F(AvatarImageTest, TakesGreyPrintersInkAndDeepColours) {
  const Picture red = plain(64, kRed);
  const auto in = [&red](VipsInterpretation space) {
    VipsImage* image = nullptr;
    EXPECT_EQ(vips_colourspace(red.get(), &image, space, nullptr), 0);
    return Picture(image);
  };
  const Picture deep = std::move(made(encode(in(VIPS_INTERPRETATION_RGB16), ".png")).back());
  expect_near(pixel_at(deep, 32, 32), kRed, "16 bits");
  const Picture grey = std::move(made(encode(in(VIPS_INTERPRETATION_B_W), ".jpg")).back());
  EXPECT_EQ(vips_image_get_bands(grey.get()), 3);
  EXPECT_EQ(pixel_at(grey, 32, 32).at(0), pixel_at(grey, 32, 32).at(2));
  const Picture ink = std::move(made(encode(in(VIPS_INTERPRETATION_CMYK), ".jpg")).back());
  EXPECT_EQ(vips_image_get_bands(ink.get()), 3);
  EXPECT_GT(pixel_at(ink, 32, 32).at(0), 150);
  EXPECT_LT(pixel_at(ink, 32, 32).at(2), 100);
}

TEST_F(AvatarImageTest, KeepsWhatIsTransparent) {
  const std::string bytes = encode(draw(
                                       64, 64, [](int, int) { return kRed; }, 4),
                                   ".png");
  for (const Picture& picture : made(bytes)) EXPECT_EQ(vips_image_get_bands(picture.get()), 4);
}

TEST_F(AvatarImageTest, TakesTheFirstFrameOfAnAnimation) {
  const Picture frames = draw(64, 192, [](int, int y) {
    if (y < 64) return kGreen;
    return y < 128 ? kRed : kBlue;
  });
  vips_image_set_int(frames.get(), VIPS_META_PAGE_HEIGHT, 64);
  const std::string bytes = encode(frames, ".webp");
  ASSERT_NE(bytes.find("ANMF"), std::string::npos) << "the test sends no animation";
  for (const Picture& picture : made(bytes))
    expect_near(pixel_at(picture, 32, 32), kGreen, "first");
}

TEST_F(AvatarImageTest, RefusesWhatIsNoneOfThreeFormats) {
  const std::string svg =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"><rect/></svg>";
  const std::string gif(
      "GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02"
      "\x02\x44\x01\0;",
      43);
  const std::string tiff = encode(quarters(8, 8), ".tif");
  for (const std::string& bytes : {std::string(), std::string("hello"), svg, gif, tiff,
                                   std::string("RIFF\x04\0\0\0WAVE", 12)}) {
    EXPECT_EQ(refusal(bytes), AvatarErrc::not_an_image) << bytes.substr(0, 8);
  }
}

TEST_F(AvatarImageTest, LoadsWithNoOtherLoaderWhateverComes) {
  const auto loads = [](const std::string& bytes) {
    const Picture picture(vips_image_new_from_buffer(bytes.data(), bytes.size(), "", nullptr));
    return picture != nullptr;
  };
  EXPECT_FALSE(loads(encode(quarters(8, 8), ".tif")));
  EXPECT_FALSE(loads(encode(quarters(8, 8), ".gif")));
  EXPECT_TRUE(loads(encode(quarters(8, 8), ".png")));
}

TEST_F(AvatarImageTest, WritesNoCodeAtRunTime) {
  made(encode(busy(1500), ".jpg"));
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    EXPECT_EQ(line.find(" rwx"), std::string::npos) << line;
    EXPECT_EQ(line.find("orcexec"), std::string::npos) << line;
  }
}

TEST_F(AvatarImageTest, RefusesByTheHeaderWhatIsTooLarge) {
  EXPECT_EQ(refusal(png_of(50'000, 50'000)), AvatarErrc::too_many_pixels);
  EXPECT_EQ(refusal(png_of(8, 8)), error_code()) << "the same file, but small";
  const std::string small = encode(quarters(20, 10), ".jpg");
  EXPECT_EQ(refusal(small, {.max_pixels = 199}), AvatarErrc::too_many_pixels);
  EXPECT_EQ(refusal(small, {.max_pixels = 200}), error_code());
  EXPECT_EQ(refusal(small, {.max_bytes = small.size() - 1}), AvatarErrc::too_many_bytes);
  EXPECT_EQ(refusal(small, {.max_bytes = small.size()}), error_code());
}

TEST_F(AvatarImageTest, RefusesAPngWithFarMoreInItThanItsPixels) {
  EXPECT_EQ(refusal(png_of(8, 8, std::string(17, '\0'))), error_code()) << "a little more";
  EXPECT_EQ(refusal(png_of(8, 8, std::string(1'000'000, '\0'))), AvatarErrc::broken);
}

TEST_F(AvatarImageTest, RefusesAJpegOfVeryManyScans) {
  const std::string jpeg = encode(quarters(20, 10), ".jpg[interlace]");
  const std::size_t first = jpeg.find("\xff\xda");
  const std::size_t next = jpeg.find("\xff\xc4", first);
  ASSERT_NE(next, std::string::npos) << "each scan has tables of its own";
  const auto with_scans = [&](int more) {
    std::string bytes = jpeg.substr(0, next);
    for (int i = 0; i < more; ++i) bytes += jpeg.substr(first, next - first);
    return bytes + jpeg.substr(next);
  };
  EXPECT_EQ(refusal(with_scans(20)), error_code());
  EXPECT_EQ(refusal(with_scans(100)), AvatarErrc::broken);
}

TEST_F(AvatarImageTest, SpendsNothingOnWhatElseTheFileCarries) {
  const Picture picture = quarters(64, 64);
  const Picture frames = draw(8, 16, [](int, int y) { return y < 8 ? kGreen : kRed; });
  vips_image_set_int(frames.get(), VIPS_META_PAGE_HEIGHT, 8);
  const std::string png = encode(picture, ".png");
  const std::string jpeg = encode(picture, ".jpg");
  const std::string webp = encode(frames, ".webp");
  const std::vector<std::array<std::string, 2>> pairs{
      {png, with_long_texts(png, 50)},
      {jpeg, with_many_exifs(jpeg, 130'000)},
      {webp, with_many_chunks(webp, "ANMF", 50'000)}};
  for (const auto& [bare, loaded] : pairs) {
    ASSERT_LT(loaded.size(), AvatarLimits{}.max_bytes);
    const std::clock_t begin = std::clock();
    const result<Avatar> avatar = make_avatar(loaded, {});
    const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    ASSERT_TRUE(avatar) << avatar.error();
    EXPECT_EQ(avatar->version, make_avatar(bare, {})->version);
    EXPECT_LT(seconds, 3) << "of the processor";
  }
}

TEST_F(AvatarImageTest, RefusesWhatIsDamaged) {
  const Picture picture = busy(300);
  for (const char* format : {".jpg", ".png", ".webp"}) {
    const std::string whole = encode(picture, format);
    ASSERT_EQ(refusal(whole), error_code());
    for (const std::size_t part : {1U, 2U, 3U}) {
      EXPECT_EQ(refusal(whole.substr(0, whole.size() * part / 4)), AvatarErrc::broken)
          << format << ", " << part << " quarters of it";
    }
    EXPECT_EQ(refusal(whole.substr(0, 16)), AvatarErrc::broken) << format;
  }
  EXPECT_EQ(refusal(png_of(3000, 3000)), AvatarErrc::broken) << "pixels are missing";
}

TEST_F(AvatarImageTest, NamesAPictureByItsContent) {
  const std::string bytes = encode(quarters(64, 64), ".png");
  const result<Avatar> first = make_avatar(bytes, {});
  const result<Avatar> again = make_avatar(bytes, {});
  const result<Avatar> other = make_avatar(encode(quarters(64, 32), ".png"), {});
  EXPECT_EQ(first->version.size(), 32U);
  EXPECT_EQ(first->version, again->version);
  EXPECT_NE(first->version, other->version);
}

}  // namespace
}  // namespace seendr::app
