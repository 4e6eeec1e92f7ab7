#include "app/prompt_input.h"

#include <editline/readline.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <clocale>
#include <cstdlib>
#include <cstring>

namespace leat::app {
namespace {

/// What the line editor's callbacks see.
struct Editor {
  PromptInput::Completion completion;
  std::vector<std::string> words;
  size_t next = 0;
  int wake = -1;  ///< event: Ctrl-C
  bool interrupted = false;
  int typed_ahead = 0;  ///< bytes that were typed before the prompt, not read yet
};
Editor* g_editor = nullptr;

/// The terminal's own line mode ends while the prompt waits. What is typed before that, during a statement, was taken by that
/// mode, which keeps a Ctrl-D as a NUL.
constexpr int kCtrlD = 4;

/// One byte of the terminal; -1 at its end. -2: Ctrl-C came first.
int ReadByte() {
  pollfd waited[2] = {{STDIN_FILENO, POLLIN, 0}, {g_editor->wake, POLLIN, 0}};
  while (true) {
    if (poll(waited, 2, -1) < 0) {
      if (errno == EINTR) continue;
      return -1;
    }
    if ((waited[1].revents & POLLIN) != 0) {
      uint64_t count = 0;
      [[maybe_unused]] const ssize_t drained = read(g_editor->wake, &count, sizeof(count));
      return -2;
    }
    unsigned char byte = 0;
    const ssize_t got = read(STDIN_FILENO, &byte, 1);
    if (got == 1) return g_editor->typed_ahead-- > 0 && byte == 0 ? kCtrlD : byte;
    if (got == 0 || errno != EINTR) return -1;
  }
}

/// One character for the line editor. Ctrl-C ends the line, which is then dropped.
int ReadCharacter(FILE*) {
  const int first = ReadByte();
  if (first == -2) {
    g_editor->interrupted = true;
    return '\n';
  }
  if (first < 0xC0) return first;
  const int more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
  int character = first & (0x3F >> more);
  for (int i = 0; i < more; ++i) {
    const int byte = ReadByte();
    if (byte < 0) return '\n';
    character = (character << 6) | (byte & 0x3F);
  }
  return character;
}

char* NextWord(const char* text, int state) {
  if (state == 0) g_editor->next = 0;
  const size_t length = std::strlen(text);
  while (g_editor->next < g_editor->words.size()) {
    const std::string& word = g_editor->words[g_editor->next++];
    if (word.size() >= length && strncasecmp(word.c_str(), text, length) == 0) return strdup(word.c_str());
  }
  return nullptr;
}

char** Complete(const char* text, int, int end) {
  rl_attempted_completion_over = 1;  // no names of files
  g_editor->words = g_editor->completion(std::string(rl_line_buffer, static_cast<size_t>(end)));
  return rl_completion_matches(text, NextWord);
}

}  // namespace

PromptInput::PromptInput(std::string history_file, Completion completion) : history_file_(std::move(history_file)) {
  static Editor editor;
  editor.completion = std::move(completion);
  editor.wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  g_editor = &editor;
  // The editor measures what is typed in characters; everything else stays as in the C locale.
  std::setlocale(LC_CTYPE, "C.UTF-8");
  rl_readline_name = "leat";
  rl_getc_function = ReadCharacter;
  rl_attempted_completion_function = Complete;
  rl_basic_word_break_characters = " \t\n(),;=<>+-*/|'";
  using_history();
  stifle_history(2000);
  read_history(history_file_.c_str());
}

PromptInput::~PromptInput() { close(g_editor->wake); }

PromptInput::Line PromptInput::Read(const std::string& prompt) {
  g_editor->interrupted = false;
  rl_prep_terminal(1);  // before the prompt is seen: what answers it is not for the terminal's own line mode
  if (ioctl(STDIN_FILENO, FIONREAD, &g_editor->typed_ahead) != 0) g_editor->typed_ahead = 0;
  char* line = readline(prompt.c_str());
  if (g_editor->interrupted) {
    std::free(line);
    return {Line::Kind::kInterrupted, ""};
  }
  if (line == nullptr) return {Line::Kind::kEnd, ""};
  Line read{Line::Kind::kText, line};
  std::free(line);
  return read;
}

void PromptInput::Remember(const std::string& statement) {
  const std::string line = OnOneLine(statement);
  if (line == last_) return;
  last_ = line;
  add_history(line.c_str());
  const mode_t before = umask(0077);  // statements may hold data
  write_history(history_file_.c_str());
  umask(before);
  chmod(history_file_.c_str(), 0600);
}

void PromptInput::Interrupt() {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(g_editor->wake, &one, sizeof(one));
}

std::string OnOneLine(const std::string& statement) {
  std::string line;
  char quote = 0;
  for (size_t i = 0; i < statement.size(); ++i) {
    const char c = statement[i];
    if (quote == 0 && c == '-' && i + 1 < statement.size() && statement[i + 1] == '-') {
      const size_t end = statement.find('\n', i);
      if (end == std::string::npos) return line + statement.substr(i);
      line += "/*" + statement.substr(i + 2, end - i - 2) + " */ ";
      i = end;
      continue;
    }
    if (quote == 0 && (c == '\'' || c == '"')) quote = c;
    else if (c == quote) quote = 0;
    line += c == '\n' && quote == 0 ? ' ' : c;
  }
  return line;
}

}  // namespace leat::app
