#include "cli/table.hpp"

#include <gtest/gtest.h>

namespace seendr::cli {
namespace {

TEST(Table, PrintsALineARowWithWhatThereIs) {
  const json::array rows{{{"id", 7}, {"text", "two\nlines\tand a\x1b tab"}, {"list", {1, "a"}}},
                         {{"id", nullptr}, {"text", ""}}};
  testing::internal::CaptureStdout();
  print_rows(rows, {"id", "text", "list"}, false);
  EXPECT_EQ(testing::internal::GetCapturedStdout(),
            "id\ttext\tlist\n7\ttwo lines and a  tab\t[1,\"a\"]\n-\t-\t-\n");
}

TEST(Table, PrintsJsonWithAllFields) {
  testing::internal::CaptureStdout();
  print_rows({{{"id", 7}, {"more", true}}}, {"id"}, true);
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "[{\"id\":7,\"more\":true}]\n");
}

TEST(Table, PrintsALineAField) {
  testing::internal::CaptureStdout();
  print_fields({{"id", "x"}, {"n", 2}}, false);
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "id\tx\nn\t2\n");
}

}  // namespace
}  // namespace seendr::cli
