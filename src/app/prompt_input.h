#pragma once

#include <functional>
#include <string>
#include <vector>

namespace leat::app {

/// Lines of a terminal, with editing, history and completion. One at a time in a process (the line editor has global state).
/// All calls from one thread, Interrupt from any.
class PromptInput {
 public:
  /// Words that may stand at the end of what was typed so far (the current line after all of the statement).
  using Completion = std::function<std::vector<std::string>(const std::string& line)>;
  struct Line {
    enum class Kind { kText, kInterrupted, kEnd } kind = Kind::kText;
    std::string text;
  };

  PromptInput(std::string history_file, Completion completion);
  ~PromptInput();
  PromptInput(const PromptInput&) = delete;
  PromptInput& operator=(const PromptInput&) = delete;

  /// kInterrupted: Ctrl-C, what was typed is dropped. kEnd: Ctrl-D on an empty line, or the terminal is gone.
  Line Read(const std::string& prompt);
  /// Keeps a statement for later; the file is written at once, for its owner only.
  void Remember(const std::string& statement);
  void Interrupt();

 private:
  std::string history_file_;
  std::string last_;
};

/// A statement on one line, meaning the same: line comments become bracketed ones, line breaks blanks.
std::string OnOneLine(const std::string& statement);

}  // namespace leat::app
