#include "http/response_head.hpp"

#include <gtest/gtest.h>

namespace seendr::http {
namespace {

const Headers kNone{};

TEST(ResponseHead, HasStatusDateHeadersLengthAndRequestId) {
  const Headers defaults{{"X-Frame-Options", "DENY"}, {"Cache-Control", "no-store"}};
  Response response = text(200, "hello");
  response.headers.add("Cache-Control", "no-cache");

  EXPECT_EQ(make_head(response, {"now", "id-1", defaults, true, false}),
            "HTTP/1.1 200 OK\r\nDate: now\r\nContent-Type: text/plain; charset=utf-8\r\n"
            "Cache-Control: no-cache\r\nX-Frame-Options: DENY\r\nContent-Length: 5\r\n"
            "X-Request-Id: id-1\r\n\r\n");
}

TEST(ResponseHead, SaysWhatBecomesOfTheConnection) {
  const Response response = empty(204);
  EXPECT_EQ(make_head(response, {"d", "i", kNone, false, false}),
            "HTTP/1.1 204 No Content\r\nDate: d\r\nX-Request-Id: i\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(make_head(response, {"d", "i", kNone, true, true}),
            "HTTP/1.1 204 No Content\r\nDate: d\r\nX-Request-Id: i\r\n"
            "Connection: keep-alive\r\n\r\n");
}

TEST(ResponseHead, LeavesOutAFieldThatWouldBreakOutOfItsLine) {
  Response response = empty(200);
  response.headers.add("Location", "/a\r\nSet-Cookie: stolen=1");
  response.headers.add("X-A\nB", "1");
  response.headers.add("X-Nul", std::string("a\0b", 3));
  EXPECT_EQ(make_head(response, {"d", "i", kNone, true, false}),
            "HTTP/1.1 200 OK\r\nDate: d\r\nContent-Length: 0\r\nX-Request-Id: i\r\n\r\n");
}

TEST(ResponseHead, KeepsSeveralCookiesApart) {
  Response response = empty(204);
  response.headers.add("Set-Cookie", "a=1");
  response.headers.add("Set-Cookie", "b=2");
  const std::string head = make_head(response, {"d", "i", kNone, true, false});
  EXPECT_NE(head.find("Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n"), std::string::npos);
}

TEST(ResponseHead, AllowsNoContentWhereHttpHasNone) {
  for (const int status : {101, 204, 304}) EXPECT_FALSE(may_have_content(status)) << status;
  for (const int status : {200, 404, 500}) EXPECT_TRUE(may_have_content(status)) << status;
}

TEST(RequestId, IsShortAndOfSafeCharacters) {
  EXPECT_TRUE(is_request_id("aZ0._-"));
  EXPECT_TRUE(is_request_id(std::string(64, 'a')));
  EXPECT_FALSE(is_request_id(std::string(65, 'a')));
  for (const std::string_view bad : {"", "a b", "a\"b", "a\nb", "ä"}) {
    EXPECT_FALSE(is_request_id(bad)) << bad;
  }
}

}  // namespace
}  // namespace seendr::http
