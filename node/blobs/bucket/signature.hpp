#pragma once

#include "ledger/base/ids.hpp"
#include "ledger/crypto/secret.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// AWS Signature Version 4, as S3 and its like want it in the header Authorization ("Authenticating
/// Requests: Using the Authorization Header"). Pure; any thread.
namespace node::signature {

/// Who signs, and for what.
struct Signer {
    std::string access_key;
    ledger::SecretBytes secret;
    std::string region;
    std::string service = "s3";
};

struct Request {
    std::string method;
    std::string path;   ///< as it is sent, encoded already, without the query
    std::string query;  ///< as it is sent, encoded and with its names ascending
    /// What is signed: `host` and `x-amz-date` at least. Names in small letters, ascending; values
    /// without blanks at their ends, and with no two beside each other.
    std::vector<std::pair<std::string, std::string>> headers;
    ledger::Hash body_hash;  ///< SHA-256
};

/// 20130524T000000Z, for the header x-amz-date.
std::string date_text(ledger::TimeMs time);

/// The value of the header Authorization. `date` is that of x-amz-date. The secret cannot be
/// learnt from it.
std::string authorization(const Signer& signer, const Request& request, std::string_view date);

/// Every byte but A-Z, a-z, 0-9, '-', '.', '_' and '~' as %XX, for values in a query.
std::string encoded(std::string_view text);

}  // namespace node::signature
