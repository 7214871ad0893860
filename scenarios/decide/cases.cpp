#include "scenarios/decide/cases.hpp"

#include <fmt/format.h>

#include <istream>
#include <ostream>

namespace windtunnel::scenarios {
namespace {

/// All problems of an error, on one line.
std::string on_one_line(const Error& error) {
  const auto* input = dynamic_cast<const InputError*>(&error);
  if (!input) return error.what();
  std::string text;
  for (const Issue& issue : input->issues()) {
    if (!text.empty()) text += "; ";
    if (!issue.pointer.empty()) text += issue.pointer + ": ";
    text += issue.message;
  }
  return text;
}

} // namespace

int answer_cases(std::istream& cases, const std::string& name, const AnswerCase& answer,
                 std::ostream& answers, std::ostream& problems) {
  int without_answer = 0;
  std::string line;
  for (int number = 1; std::getline(cases, line); ++number) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    std::string id;
    try {
      const json::Document document = json::parse(line, "the case");
      const json::Value question(document);
      id = question["id"].text();
      json::Writer writer(0);
      writer.begin_object().field("id", id);
      answer(question, writer);
      writer.end();
      answers << writer.str();
    } catch (const Error& error) {
      ++without_answer;
      problems << fmt::format("error: {}:{}: {}{}\n", name, number, id.empty() ? "" : id + ": ",
                              on_one_line(error));
    }
  }
  return without_answer;
}

} // namespace windtunnel::scenarios
