#include "scenarios/report/table.hpp"

#include <gtest/gtest.h>

namespace windtunnel::scenarios {
namespace {

TEST(Table, TextIsLeftAndNumbersAreRight) {
  Table table({{"NAME"}, {"COST", Align::right}});
  table.add({"compute", "$1,200.00"}).add({"disk", "$3.00"});
  EXPECT_EQ(table.text(), "NAME          COST\n"
                          "compute  $1,200.00\n"
                          "disk         $3.00\n");
}

TEST(Table, TreeBranchesFollowTheDepths) {
  EXPECT_EQ(tree_branches({0, 1, 2, 2, 1, 0, 1}),
            (std::vector<std::string>{"", "├─ ", "│  ├─ ", "│  └─ ", "└─ ", "", "└─ "}));
}

TEST(Table, ABranchSkipsNothingWhenALaterGroupIsShallow) {
  EXPECT_EQ(tree_branches({0, 1, 2, 0, 1}),
            (std::vector<std::string>{"", "└─ ", "   └─ ", "", "└─ "}));
}

TEST(Table, WrapColumnsNarrowToTheWidth) {
  Table table({{"WHAT", Align::left, true}, {"DATE"}});
  table.add({"the price of one hour of a large machine", "2026-01-01"});
  EXPECT_EQ(table.text({.width = 30}), "WHAT                DATE\n"
                                       "the price of one    2026-01-01\n"
                                       "hour of a large\n"
                                       "machine\n");
}

TEST(Table, EveryLineFitsWhenWrapColumnsCanGiveWay) {
  Table table({{"A", Align::left, true}, {"B", Align::left, true}, {"N", Align::right}});
  table.add({std::string(80, 'x'), "zwölf Boxkämpfer jagen Viktor quer über den Deich", "12"},
            {.bar = 1.0});
  for (const std::string& line : {table.text({.width = 72})}) {
    std::size_t begin = 0;
    while (begin < line.size()) {
      const std::size_t end = line.find('\n', begin);
      EXPECT_LE(display_width(std::string_view(line).substr(begin, end - begin)), 72);
      begin = end + 1;
    }
  }
}

TEST(Table, TextCannotDriveTheTerminal) {
  Table table({{"NAME"}});
  table.add({"a\x1b[2J\x07\nb\xC2\x9B"});
  const std::string text = table.text();
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(text.find('\x07'), std::string::npos);
  EXPECT_EQ(text.find("\xC2\x9B"), std::string::npos);
  EXPECT_EQ(text, "NAME\na\xEF\xBF\xBD[2J\xEF\xBF\xBD b\xEF\xBF\xBD\n");
}

TEST(Table, ColourOnlyWhenAsked) {
  Table table({{"NAME"}});
  table.add({"x"}, {.emphasis = Emphasis::estimated});
  EXPECT_EQ(table.text({.colour = false}).find('\x1b'), std::string::npos);
  EXPECT_EQ(table.text({.colour = true}), "\x1b[1mNAME\x1b[0m\n\x1b[33mx\x1b[0m\n");
}

TEST(Table, BarsHaveEighths) {
  EXPECT_EQ(bar_text(1, 4), "████");
  EXPECT_EQ(bar_text(0.5, 1), "▌");
  EXPECT_EQ(bar_text(0, 10), "");
  EXPECT_EQ(bar_text(7, 2), "██");
}

} // namespace
} // namespace windtunnel::scenarios
