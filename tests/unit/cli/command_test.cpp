#include "cli/command.hpp"

#include <gtest/gtest.h>

#include "support/golden.hpp"

namespace seendr::cli {
namespace {

class CommandTest : public testing::Test {
 protected:
  CommandTest() { add_commands(program_, status_); }

  std::optional<std::string> unknown(std::vector<std::string> words) {
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    return unknown_word(program_, pointers);
  }

  // What is wrong with these; empty when they are taken.
  static std::string refusal(const std::string& text) {
    CLI::App command;
    int number = 0;
    command.add_option("--users", number)->check(in_range(1, 64));
    try {
      command.parse("--users " + text);
    } catch (const CLI::ParseError& error) {
      return error.what();
    }
    return "";
  }

  CLI::App program_;
  int status_ = 0;
};

std::string help_of_all(const CLI::App& command, const std::string& before) {
  const std::string name = before.empty() ? command.get_name() : before + " " + command.get_name();
  std::string text = "$ " + name + " --help\n" + command.help(before) + "\n";
  for (const CLI::App* sub : command.get_subcommands([](const CLI::App*) { return true; })) {
    text += help_of_all(*sub, name);
  }
  return text;
}

// Blanks, commas and capitals are CLI11's, and differ among its versions.
std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : CLI::detail::to_lower(text) + " ") {
    if (c != ' ' && c != '\n' && c != ',') {
      word += c;
    } else if (!word.empty()) {
      words.push_back(std::exchange(word, ""));
    }
  }
  return words;
}

TEST_F(CommandTest, HelpsAsTheGoldenFileSays) {
  const std::string golden = SEENDR_SOURCE_DIR "/tests/golden/help.txt";
  const std::string text = help_of_all(program_, "");
  if (words_of(test::read_file(golden)) != words_of(text)) test::expect_file(golden, text);
}

TEST_F(CommandTest, NamesTheWordThatIsNoCommand) {
  EXPECT_EQ(unknown({"doctor", "--help"}), "doctor");
  EXPECT_EQ(unknown({"--loud", "serve"}), "--loud");
  EXPECT_EQ(unknown({"admin", "repots"}), "repots");
}

TEST_F(CommandTest, LeavesTheRestToTheCommand) {
  EXPECT_EQ(unknown({}), std::nullopt);
  EXPECT_EQ(unknown({"--help"}), std::nullopt);
  EXPECT_EQ(unknown({"admin"}), std::nullopt);
  EXPECT_EQ(unknown({"serve", "--port", "0"}), std::nullopt);
  EXPECT_EQ(unknown({"admin", "ban", "7"}), std::nullopt);
}

TEST_F(CommandTest, SaysWhichNumbersItTakes) {
  EXPECT_EQ(refusal("1"), "");
  EXPECT_EQ(refusal("64"), "");
  EXPECT_EQ(refusal("0"), "--users: must be a number from 1 to 64, not \"0\"");
  EXPECT_EQ(refusal("x"), "--users: must be a number from 1 to 64, not \"x\"");
}

}  // namespace
}  // namespace seendr::cli
