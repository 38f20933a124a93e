#pragma once

#include "ledger/base/result.hpp"
#include "ledger/crypto/secret.hpp"

#include <filesystem>
#include <string>

namespace node {

/// What shows a server who we are: one header. The value is zeroed when it goes.
struct Credentials {
    std::string header = "Authorization";
    ledger::SecretBytes value;  ///< empty: none is sent
};

/// The secret in `file` (which nobody else may read), else in the environment variable `variable`,
/// else none; both empty: none. Blanks around it are left out. In the header Authorization it
/// becomes "Bearer SECRET", in any other it stands alone.
/// Errors say what is wrong, never what was read: `denied` for a file that others can read,
/// `invalid` for a secret that is empty, longer than 8 KiB or no text of one line.
ledger::Result<Credentials> read_credentials(const std::filesystem::path& file,
                                             const std::string& variable,
                                             const std::string& header);

}  // namespace node
