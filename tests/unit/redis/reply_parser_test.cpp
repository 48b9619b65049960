#include "redis/reply_parser.hpp"

#include <gtest/gtest.h>

namespace seendr::redis {
namespace {

// Every reply in `bytes`, given to the parser `piece` bytes at a time.
std::vector<Reply> parse(std::string_view bytes, std::size_t piece) {
  ReplyParser parser;
  std::vector<Reply> replies;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    parser.feed(bytes.substr(at, piece));
    while (std::optional<Reply> reply = parser.next()) replies.push_back(std::move(*reply));
  }
  return replies;
}

TEST(ReplyParser, ReadsEachKindOfReply) {
  const auto replies = parse("+OK\r\n:42\r\n$5\r\nhello\r\n$-1\r\n-ERR no\r\n*-1\r\n*0\r\n", 1000);

  ASSERT_EQ(replies.size(), 7U);
  EXPECT_EQ(replies[0].kind(), Reply::Kind::status);
  EXPECT_EQ(replies[0].text(), "OK");
  EXPECT_EQ(replies[1].as_int(), 42);
  EXPECT_EQ(replies[2].text(), "hello");
  EXPECT_TRUE(replies[3].is_nil());
  EXPECT_EQ(replies[4].error_text(), "ERR no");
  EXPECT_TRUE(replies[5].is_nil());
  EXPECT_TRUE(replies[6].is_array());
  EXPECT_TRUE(replies[6].as_array().empty());
}

TEST(ReplyParser, ReadsTheSameHoweverTheBytesAreCut) {
  const std::string bytes =
      "*2\r\n*2\r\n$3\r\nkey\r\n*2\r\n:1\r\n$-1\r\n*1\r\n*1\r\n$2\r\n\r\n\r\n$0\r\n\r\n:-7\r\n";

  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    const auto replies = parse(bytes, piece);

    ASSERT_EQ(replies.size(), 3U) << piece;
    const auto& outer = replies[0].as_array();
    EXPECT_EQ(outer[0].as_array()[0].text(), "key");
    EXPECT_EQ(outer[0].as_array()[1].as_array()[0].as_int(), 1);
    EXPECT_TRUE(outer[0].as_array()[1].as_array()[1].is_nil());
    EXPECT_EQ(outer[1].as_array()[0].as_array()[0].text(), "\r\n");
    EXPECT_EQ(replies[1].text(), "");
    EXPECT_EQ(replies[2].as_int(), -7);
  }
}

TEST(ReplyParser, KeepsAnArrayWholeThatGrowsBeyondItsReservation) {
  std::string bytes = "*3000\r\n";
  for (int i = 0; i < 3000; ++i) bytes += "*1\r\n:" + std::to_string(i) + "\r\n";

  const auto replies = parse(bytes, 777);

  ASSERT_EQ(replies.size(), 1U);
  ASSERT_EQ(replies[0].as_array().size(), 3000U);
  for (int i = 0; i < 3000; ++i) EXPECT_EQ(replies[0].as_array()[i].as_array()[0].as_int(), i);
}

TEST(ReplyParser, KeepsBinaryStrings) {
  const std::string binary("\0\xff\r\n$", 5);

  const auto replies = parse("$5\r\n" + binary + "\r\n", 3);

  ASSERT_EQ(replies.size(), 1U);
  EXPECT_EQ(replies[0].text(), binary);
}

TEST(ReplyParser, ReadsErrorsInsideOfArrays) {
  const auto replies = parse("*2\r\n-WRONGTYPE no\r\n:1\r\n", 1000);

  ASSERT_EQ(replies.size(), 1U);
  EXPECT_FALSE(replies[0].is_error());
  EXPECT_TRUE(replies[0].as_array()[0].is_error());
}

TEST(ReplyParser, RefusesWhatIsNotTheProtocol) {
  EXPECT_THROW(parse("HTTP/1.1 400 Bad Request\r\n", 1000), system_error);
  EXPECT_THROW(parse("%1\r\n+server\r\n+redis\r\n", 1000), system_error);
}

TEST(ReplyParser, DoesNotBelieveAnAnnouncedLength) {
  const auto replies = parse("*2000000000\r\n:1\r\n", 1000);

  EXPECT_TRUE(replies.empty());
}

}  // namespace
}  // namespace seendr::redis
