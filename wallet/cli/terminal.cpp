#include "wallet/cli/terminal.hpp"

#include "wallet/cli/session.hpp"
#include "wallet/keys/private_files.hpp"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>

namespace wallet::cli {
namespace {

constexpr std::size_t longest_line = 4096;

/// The terminal itself, whatever stdin and stdout are.
class Terminal {
public:
    Terminal() : file_{::open("/dev/tty", O_RDWR | O_CLOEXEC)} {}
    Terminal(const Terminal&) = delete;
    Terminal& operator=(const Terminal&) = delete;
    ~Terminal()
    {
        if (saved_) ::tcsetattr(file_, TCSAFLUSH, &*saved_);
        if (file_ >= 0) ::close(file_);
    }
    bool there() const { return file_ >= 0; }
    int descriptor() const { return file_; }

    void hide()
    {
        termios now{};
        if (::tcgetattr(file_, &now) != 0) return;
        saved_ = now;
        now.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        ::tcsetattr(file_, TCSAFLUSH, &now);
    }
    void say(const std::string& text)
    {
        std::size_t done = 0;
        while (done < text.size()) {
            const auto wrote = ::write(file_, text.data() + done, text.size() - done);
            if (wrote <= 0) return;
            done += static_cast<std::size_t>(wrote);
        }
    }

private:
    int file_;
    std::optional<termios> saved_;
};

/// Up to the end of the line or of the input, byte by byte: what follows stays for who comes next.
ledger::SecretBytes read_line(int descriptor)
{
    std::array<std::uint8_t, longest_line> line{};
    std::size_t size = 0;
    while (true) {
        std::uint8_t byte = 0;
        const auto got = ::read(descriptor, &byte, 1);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) fail(Fault::failed, "cannot read the passphrase");
        if (got == 0 || byte == '\n') break;
        if (size == line.size()) fail(Fault::usage, "a passphrase has at most 4096 bytes");
        line[size++] = byte;
    }
    if (size > 0 && line[size - 1] == '\r') --size;
    auto secret = ledger::SecretBytes::copy_of({line.data(), size});
    ledger::wipe(line);
    return secret;
}

}  // namespace

ledger::SecretBytes ask_secret(const std::string& what, bool twice)
{
    Terminal terminal;
    if (!terminal.there())
        fail(Fault::usage,
             "a passphrase is needed and there is no terminal to ask on; give --passphrase-file "
             "FILE or --passphrase-fd N");
    terminal.hide();
    terminal.say(what + ": ");
    auto secret = read_line(terminal.descriptor());
    terminal.say("\n");
    if (!twice) return secret;
    terminal.say("The same again: ");
    const auto again = read_line(terminal.descriptor());
    terminal.say("\n");
    if (!ledger::equal_in_constant_time(secret.view(), again.view()))
        fail(Fault::denied, "the two are not the same; nothing was done");
    return secret;
}

ledger::SecretBytes passphrase_from_file(const std::string& path)
{
    auto text = must(read_private_file(path, longest_line));
    const std::string_view line = std::string_view{text}.substr(0, text.find_first_of("\r\n"));
    auto secret = ledger::SecretBytes::copy_of(ledger::as_bytes(line));
    ledger::wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
    return secret;
}

ledger::SecretBytes passphrase_from_descriptor(int descriptor)
{
    return read_line(descriptor);
}

bool ask_yes(const std::string& question)
{
    Terminal terminal;
    if (!terminal.there()) return false;
    terminal.say(question + " [yes/no] ");
    const auto answer = read_line(terminal.descriptor());
    const auto text = ledger::as_text(answer.view());
    return text == "yes" || text == "y";
}

}  // namespace wallet::cli
