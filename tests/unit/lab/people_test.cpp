#include "lab/people.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace seendr::lab {
namespace {

using testing::ElementsAre;

TEST(PeopleFile, HasOnePersonALine) {
  const auto people = parse_people("1001\tsecret\ten,fr\teu\tmusic,chess\n1002\tother\tfr\tna\t\n");

  ASSERT_EQ(people.size(), 2U);
  EXPECT_EQ(people[0].user, "1001");
  EXPECT_EQ(people[0].session, "secret");
  EXPECT_THAT(people[0].languages, ElementsAre("en", "fr"));
  EXPECT_EQ(people[0].region, "eu");
  EXPECT_THAT(people[0].interests, ElementsAre("music", "chess"));
  EXPECT_THAT(people[1].interests, ElementsAre());
}

TEST(PeopleFile, MayEndWithoutAnEndOfLine) {
  EXPECT_EQ(parse_people("1\ts\ten\teu\tmusic").size(), 1U);
  EXPECT_TRUE(parse_people("").empty());
}

TEST(PeopleFile, NamesTheLineThatIsMalformed) {
  for (const std::string line : {"x\ts\ten\teu\tmusic", "2\t\ten\teu\tmusic", "2\ts\t\teu\tmusic",
                                 "2\ts", "2\ts\ten\teu\tmusic\tmore"}) {
    try {
      parse_people("1\ts\ten\teu\tmusic\n" + line);
      ADD_FAILURE() << line;
    } catch (const std::runtime_error& error) {
      EXPECT_THAT(error.what(), testing::HasSubstr("line 2 ")) << line;
    }
  }
}

TEST(PeopleFile, MustBeReadable) {
  EXPECT_THROW(read_people("/nonexistent/people"), std::runtime_error);
}

TEST(ServerUrl, IsHostAndPort) {
  EXPECT_EQ(parse_server("http://127.0.0.1:8080").port, 8080);
  EXPECT_EQ(parse_server("http://localhost:80/").host, "localhost");
  EXPECT_EQ(parse_server("http://[::1]:8080/").host, "::1");
}

TEST(ServerUrl, IsRefusedWhenItIsAnythingElse) {
  for (const std::string_view url :
       {"", "http://", "http://host", "http://host:", "http://:80", "https://host:1",
        "http://host:0", "http://host:65536", "http://host:80/path", "host:80"}) {
    EXPECT_THROW(parse_server(url), std::runtime_error) << url;
  }
}

}  // namespace
}  // namespace seendr::lab
