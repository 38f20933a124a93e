#include "node/app/operator_token.hpp"

#include "ledger/base/hex.hpp"
#include "node/env/files.hpp"

namespace node {

using namespace ledger;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t token_bytes = 32;

Result<SecretBytes> read_token(const fs::path& path)
{
    if (const auto good = check_private(path); !good) return good.error();
    auto bytes = read_file(path, 2 * token_bytes + 1);
    if (!bytes) return Error{bytes.error().kind, "cannot read " + path.string()};
    auto text = as_text(*bytes);
    if (text.ends_with('\n')) text.remove_suffix(1);
    const bool good = text.size() == 2 * token_bytes && from_hex(text);
    auto token = SecretBytes::copy_of(as_bytes(text));
    wipe(*bytes);
    if (!good) return Error{ErrorKind::invalid, path.string() + " is not 64 hex digits"};
    return token;
}

}  // namespace

Result<SecretBytes> read_or_make_operator_token(const Home& home, const HttpConfig& config,
                                                Random& random)
{
    const fs::path named{config.operator_token_file};
    const auto path = named.is_absolute() ? named : home.folder / named;
    if (fs::exists(path)) return read_token(path);
    SecretBytes drawn{token_bytes};
    random.fill(drawn.mutable_view());
    auto text = to_hex(drawn.view()) + "\n";
    const auto done = write_file(path, as_bytes(text), FileMode::private_file);
    wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
    if (!done) return done.error();
    return read_token(path);
}

}  // namespace node
