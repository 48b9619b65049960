// The texts of the static pages, in the languages of the page.
#pragma once

#include <span>
#include <string_view>

namespace seendr::app {

struct PageSection {
  std::string_view heading;
  std::string_view text;
};

struct PageText {
  std::string_view slug;
  std::string_view language;  // "en" or "fr"
  std::string_view title;
  std::span<const PageSection> sections;
};

// nullptr when there is no such page; another language than French is English.
const PageText* find_page_text(std::string_view slug, std::string_view language);

}  // namespace seendr::app
