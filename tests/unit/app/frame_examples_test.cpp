// tests/golden/frames/v1 against docs/protocol.md and the reader of clients' frames. What the
// server says is compared with its examples by e2e/frames_test.
#include <filesystem>
#include <map>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "app/socket/protocol.hpp"
#include "support/golden.hpp"

namespace seendr::app {
namespace {

namespace fs = std::filesystem;
using Examples = std::map<std::string, json::object>;  // By the name of the file.

Examples examples(const std::string& side) {
  Examples found;
  for (const auto& entry :
       fs::directory_iterator(SEENDR_SOURCE_DIR "/tests/golden/frames/v1/" + side)) {
    found[entry.path().stem()] = json::parse(test::read_file(entry.path())).as_object();
  }
  return found;
}

std::set<std::string> names_of(const Examples& examples, std::string_view field) {
  std::set<std::string> names;
  for (const auto& [file, frame] : examples) {
    const std::string name(frame.at(field).as_string());
    EXPECT_EQ(file.substr(0, name.size()), name) << file;
    names.insert(name);
  }
  return names;
}

// What stands in backticks in the first column of the table below that heading.
std::set<std::string> documented(const std::string& heading) {
  std::istringstream page(test::read_file(SEENDR_SOURCE_DIR "/docs/protocol.md"));
  std::string line;
  while (std::getline(page, line) && line != "### " + heading) {
  }
  std::set<std::string> names;
  bool in_table = false;
  while (std::getline(page, line) && (!in_table || line.starts_with('|'))) {
    in_table = line.starts_with('|');
    const std::string cell = in_table ? line.substr(0, line.find('|', 1)) : "";
    for (std::size_t open = cell.find('`'); open != std::string::npos;) {
      const std::size_t close = cell.find('`', open + 1);
      names.insert(cell.substr(open + 1, close - open - 1));
      open = cell.find('`', close + 1);
    }
  }
  return names;
}

TEST(FrameExamples, ThereIsOneOfEachFrameInTheDocument) {
  EXPECT_EQ(names_of(examples("client"), "action"), documented("What a client may say"));
  EXPECT_EQ(names_of(examples("server"), "type"), documented("What the server says"));
}

TEST(FrameExamples, EveryActionIsReadAsWhatItIs) {
  std::set<std::size_t> kinds;
  for (const auto& [file, frame] : examples("client")) {
    const auto parsed = parse_action(json::serialize(frame), Profile::v1);
    const auto* action = std::get_if<Action>(&parsed);
    ASSERT_TRUE(action) << file << ": " << std::get<Refusal>(parsed).message;
    EXPECT_EQ(action->name, frame.at("action").as_string()) << file;
    const json::value* id = frame.if_contains("id");
    EXPECT_EQ(action->id, id ? id->as_string() : json::string()) << file;
    kinds.insert(action->what.index());
  }
  EXPECT_EQ(kinds.size(), std::variant_size_v<What>) << "an action without an example";
}

// So a field whose name differs here and there is noticed: an unknown one would be passed over.
TEST(FrameExamples, EveryFieldIsRead) {
  for (const auto& [file, frame] : examples("client")) {
    for (const auto& field : frame) {
      if (field.key() == "client") continue;  // For the log of a proxy; the server ignores it.
      json::object spoilt = frame;
      spoilt[field.key()] = json::array{json::value(json::array{})};
      const auto parsed = parse_action(json::serialize(spoilt), Profile::v1);
      EXPECT_TRUE(std::holds_alternative<Refusal>(parsed)) << file << ": " << field.key();
    }
  }
}

}  // namespace
}  // namespace seendr::app
