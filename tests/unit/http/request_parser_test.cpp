#include "http/request_parser.hpp"

#include <gtest/gtest.h>

namespace seendr::http {
namespace {

constexpr std::size_t kHeaderLimit = 1024;
constexpr std::size_t kTargetLimit = 256;

// Gives the parser the bytes in pieces of `step`, as a connection would.
class Feed {
 public:
  explicit Feed(std::string bytes, std::size_t step = 1'000'000, std::size_t body_limit = 100)
      : bytes_(std::move(bytes)) {
    std::size_t seen = 0;
    while (!parser.is_done() && !parser.problem()) {
      const std::size_t taken = parser.put(std::string_view(bytes_).substr(0, seen));
      bytes_.erase(0, taken);
      seen -= taken;
      if (parser.has_head() && !is_limited_) {
        is_limited_ = true;
        fits = parser.limit_body(body_limit);
      }
      if (taken > 0) continue;
      if (seen == bytes_.size()) break;
      seen = std::min(seen + step, bytes_.size());
    }
  }

  int status() const { return parser.problem() ? parser.problem()->status : 0; }
  const std::string& rest() const { return bytes_; }

  RequestParser parser{kHeaderLimit, kTargetLimit};
  bool fits = false;

 private:
  std::string bytes_;
  bool is_limited_ = false;
};

const std::string kPost = "POST /a HTTP/1.1\r\nHost: h\r\n";

TEST(RequestParser, ReadsARequestInPiecesOfAnySizeAndLeavesTheNextOne) {
  for (const std::size_t step : {1U, 2U, 7U, 1000U}) {
    Feed feed(kPost + "X-A: b\r\nContent-Length: 4\r\n\r\nbodyGET /next", step);
    ASSERT_TRUE(feed.parser.is_done()) << step;
    EXPECT_EQ(feed.parser.head().method, "POST");
    EXPECT_EQ(feed.parser.head().target.path, "/a");
    EXPECT_EQ(feed.parser.head().host, "h");
    EXPECT_EQ(feed.parser.head().headers.get("x-a"), "b");
    EXPECT_EQ(feed.parser.head().content_length, 4U);
    EXPECT_EQ(feed.parser.take_body(), "body");
    EXPECT_EQ(feed.rest(), "GET /next");
  }
}

TEST(RequestParser, PutsChunksTogetherAndDropsTrailers) {
  for (const std::size_t step : {1U, 1000U}) {
    Feed feed(kPost +
                  "Transfer-Encoding: Chunked\r\n\r\n2;x=y\r\nab\r\n3\r\ncde\r\n0\r\nT: "
                  "u\r\n\r\nGET",
              step);
    ASSERT_TRUE(feed.parser.is_done()) << step;
    EXPECT_TRUE(feed.parser.head().has_body);
    EXPECT_EQ(feed.parser.take_body(), "abcde");
    EXPECT_EQ(feed.rest(), "GET");
  }
}

TEST(RequestParser, TellsWhetherTheConnectionIsKept) {
  const auto keeps = [](const std::string& text) {
    return Feed(text).parser.head().keeps_alive;
  };
  EXPECT_TRUE(keeps("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.1\r\nHost: h\r\nConnection: x, Close\r\n\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_TRUE(keeps("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"));
}

TEST(RequestParser, SeesTheWishForAWebSocket) {
  const std::string get = "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: WebSocket\r\nConnection: ";
  EXPECT_TRUE(Feed(get + "keep-alive, Upgrade\r\n\r\n").parser.head().wants_upgrade);
  EXPECT_FALSE(Feed(get + "keep-alive\r\n\r\n").parser.head().wants_upgrade);
}

TEST(RequestParser, TakesTheHostOfAnAbsoluteTarget) {
  const Feed feed("GET http://other:1/a HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(feed.parser.head().host, "other:1");
}

TEST(RequestParser, RefusesWhateverCouldEndAtTwoPlaces) {
  for (const std::string length :
       {"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n",
        "Content-Length: 1\r\nContent-Length: 1\r\n", "Content-Length: 1\r\nContent-Length: 2\r\n",
        "Content-Length: 1, 1\r\n", "Content-Length: +1\r\n", "Content-Length: -1\r\n",
        "Content-Length: 0x1\r\n", "Content-Length: 1 1\r\n", "Content-Length:\r\n",
        "Content-Length: 99999999999999999999999\r\n", "Content-Length : 1\r\n",
        "Transfer-Encoding : chunked\r\n", "Transfer-Encoding\t: chunked\r\n",
        "X: y\r\n Transfer-Encoding: chunked\r\nContent-Length: 1\r\nContent-Length: 3\r\n"}) {
    EXPECT_EQ(Feed(kPost + length + "\r\n1\r\na\r\n0\r\n\r\n").status(), 400) << length;
  }
  for (const std::string coding : {"xchunked", "chunked, identity", "gzip, chunked", "identity",
                                   "\"chunked\"", "chunked;q=1", ""}) {
    const Feed feed(kPost + "Transfer-Encoding: " + coding + "\r\n\r\n0\r\n\r\n");
    EXPECT_TRUE(feed.status() == 501 || feed.status() == 400) << coding << feed.status();
  }
  EXPECT_EQ(Feed("POST /a HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n").status(), 400);
}

TEST(RequestParser, RefusesMalformedChunks) {
  for (const std::string chunks : {"zz\r\nab\r\n", "-1\r\n", "2\r\nabXX0\r\n\r\n",
                                   "fffffffffffffffff\r\n", "\r\n\r\n", "0x2\r\nab\r\n0\r\n\r\n"}) {
    EXPECT_EQ(Feed(kPost + "Transfer-Encoding: chunked\r\n\r\n" + chunks).status(), 400) << chunks;
  }
  const Feed bare_feeds(kPost + "Transfer-Encoding: chunked\r\n\r\n2\nab\n0\n\n");
  EXPECT_FALSE(bare_feeds.parser.is_done());
  const std::string endless = "2;" + std::string(5'000, 'x');
  EXPECT_EQ(Feed(kPost + "Transfer-Encoding: chunked\r\n\r\n" + endless, 100).status(), 400);
}

TEST(RequestParser, RefusesABodyOverItsLimit) {
  Feed announced(kPost + "Content-Length: 101\r\n\r\n");
  EXPECT_FALSE(announced.fits);
  const std::string chunk = "40\r\n" + std::string(64, 'a') + "\r\n";
  EXPECT_EQ(Feed(kPost + "Transfer-Encoding: chunked\r\n\r\n" + chunk + chunk).status(), 413);
}

TEST(RequestParser, RefusesLongTargetsAndHeadersWithTheirOwnStatus) {
  const std::string target = "GET /" + std::string(300, 'a');
  EXPECT_EQ(Feed(target + " HTTP/1.1\r\nHost: h\r\n\r\n").status(), 414);
  EXPECT_EQ(Feed(target, 10).status(), 414);
  EXPECT_EQ(Feed("GET /" + std::string(5'000, 'a'), 100).status(), 414);
  EXPECT_EQ(Feed(kPost + "A: " + std::string(2'000, 'a') + "\r\n\r\n").status(), 431);
  EXPECT_EQ(Feed(kPost + "A: " + std::string(2'000, 'a'), 100).status(), 431);
}

TEST(RequestParser, RefusesWhatItDoesNotSpeak) {
  EXPECT_EQ(Feed("GET / HTTP/2.0\r\n\r\n").status(), 505);
  EXPECT_EQ(Feed("GET / HTTP/1.1\r\n\r\n").status(), 400);
  EXPECT_EQ(Feed("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n").status(), 400);
  EXPECT_EQ(Feed("CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n").status(), 501);
  EXPECT_EQ(Feed(kPost + "Expect: miracles\r\n\r\n").status(), 417);
  EXPECT_EQ(Feed("\x16\x03\x01\x02").status(), 400);  // A TLS hello on a plain port.
}

}  // namespace
}  // namespace seendr::http
