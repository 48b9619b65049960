#include "http/static_files.hpp"

#include <array>

#include <gtest/gtest.h>

namespace seendr::http {
namespace {

constexpr std::array kAssets{
    Asset{"/index.html", "e1", "<html>", "GZ1", "BR1"},
    Asset{"/js/main.js", "e2", "let a;", "GZ2", ""},
    Asset{"/js/main.3f9a2c41.js", "e3", "let b;", "", ""},
    Asset{"/logo.svg", "e4", "<svg/>", "", ""},
};

class StaticFilesTest : public testing::Test {
 protected:
  const StaticFiles files{kAssets, {"default-src 'self'"}};

  std::optional<Response> find(std::string path, Headers headers = {}) const {
    Request request;
    request.path = std::move(path);
    request.headers = std::move(headers);
    return files.find(request);
  }
};

TEST_F(StaticFilesTest, ServesAFileWithItsTypeAndValidator) {
  const std::optional<Response> response = find("/logo.svg");
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->content(), "<svg/>");
  EXPECT_EQ(response->headers.get("Content-Type"), "image/svg+xml");
  EXPECT_EQ(response->headers.get("ETag"), "\"e4\"");
  EXPECT_FALSE(response->headers.has("Vary"));
}

TEST_F(StaticFilesTest, MeansTheIndexByAFolder) {
  EXPECT_EQ(find("/")->content(), "<html>");
  EXPECT_FALSE(find("/js/"));
}

TEST_F(StaticFilesTest, KnowsNothingButItsTable) {
  for (const std::string path : {"/nothing", "/../logo.svg", "/logo.svg/", "logo.svg", ""}) {
    EXPECT_FALSE(find(path)) << path;
  }
}

TEST_F(StaticFilesTest, ChoosesTheBestVariantThatIsAccepted) {
  EXPECT_EQ(find("/index.html", {{"Accept-Encoding", "gzip, br"}})->content(), "BR1");
  EXPECT_EQ(find("/index.html", {{"Accept-Encoding", "gzip, br;q=0.5"}})->content(), "GZ1");
  EXPECT_EQ(find("/index.html", {{"Accept-Encoding", "gzip"}})->content(), "GZ1");
  EXPECT_EQ(find("/index.html", {{"Accept-Encoding", "gzip;q=0, br;q=0"}})->content(), "<html>");
  EXPECT_EQ(find("/index.html", {{"Accept-Encoding", "*"}})->content(), "BR1");
  EXPECT_EQ(find("/js/main.js", {{"Accept-Encoding", "br, gzip;q=0.1"}})->content(), "GZ2");
  EXPECT_EQ(find("/index.html")->content(), "<html>");
}

TEST_F(StaticFilesTest, PrefersThePlainFileWhenTheClientDoes) {
  EXPECT_EQ(find("/index.html", {{"Accept-Encoding", "identity, gzip;q=0.5"}})->content(),
            "<html>");
}

TEST_F(StaticFilesTest, NamesTheVariantInItsHeaders) {
  const std::optional<Response> response = find("/", {{"Accept-Encoding", "br"}});
  EXPECT_EQ(response->headers.get("Content-Encoding"), "br");
  EXPECT_EQ(response->headers.get("Vary"), "Accept-Encoding");
  EXPECT_EQ(response->headers.get("ETag"), "\"e1-br\"");
}

TEST_F(StaticFilesTest, Answers304WhenTheClientHasTheVariant) {
  for (const std::string known : {"\"e1\"", "W/\"e1\"", "\"x\", \"e1\"", "*"}) {
    const std::optional<Response> response = find("/", {{"If-None-Match", known}});
    EXPECT_EQ(response->status, 304) << known;
    EXPECT_EQ(response->content(), "");
    EXPECT_EQ(response->headers.get("ETag"), "\"e1\"");
    EXPECT_TRUE(response->headers.has("Cache-Control"));
    EXPECT_TRUE(response->headers.has("Vary"));
  }
  EXPECT_EQ(find("/", {{"If-None-Match", "\"e1-br\""}})->status, 200);
}

TEST_F(StaticFilesTest, KeepsForEverOnlyWhatHasAHashInItsName) {
  EXPECT_EQ(find("/js/main.js")->headers.get("Cache-Control"), "no-cache");
  EXPECT_EQ(find("/")->headers.get("Cache-Control"), "no-cache");
  EXPECT_EQ(find("/js/main.3f9a2c41.js")->headers.get("Cache-Control"),
            "public, max-age=31536000, immutable");
}

TEST_F(StaticFilesTest, SendsThePolicyWithHtmlOnly) {
  EXPECT_EQ(find("/")->headers.get("Content-Security-Policy"), "default-src 'self'");
  EXPECT_FALSE(find("/logo.svg")->headers.has("Content-Security-Policy"));
}

TEST(CodingQuality, FollowsRfc9110) {
  EXPECT_EQ(coding_quality("gzip;q=0.25, br", "gzip"), 250);
  EXPECT_EQ(coding_quality("GZIP ; Q=0.5", "gzip"), 500);
  EXPECT_EQ(coding_quality("*;q=0.3, gzip", "br"), 300);
  EXPECT_EQ(coding_quality("*;q=0.3, gzip", "gzip"), 1000);
  EXPECT_EQ(coding_quality("", "gzip"), 0);
  EXPECT_EQ(coding_quality("", "identity"), 1000);
  EXPECT_EQ(coding_quality("identity;q=0", "identity"), 0);
  EXPECT_EQ(coding_quality("*;q=0", "identity"), 0);
  EXPECT_EQ(coding_quality("gzip;q=0", "gzip"), 0);
  for (const std::string_view bad : {"gzip;q=2", "gzip;q=-1", "gzip;q=x", "gzip;q=nan"}) {
    EXPECT_EQ(coding_quality(bad, "gzip"), 0) << bad;
  }
}

TEST(ContentType, IsToldByTheSuffix) {
  EXPECT_EQ(content_type("/a.mjs"), "text/javascript; charset=utf-8");
  EXPECT_EQ(content_type("/a.woff2"), "font/woff2");
  EXPECT_EQ(content_type("/app.webmanifest"), "application/manifest+json");
  EXPECT_EQ(content_type("/a"), "application/octet-stream");
}

}  // namespace
}  // namespace seendr::http
