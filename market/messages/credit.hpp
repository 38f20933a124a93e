#pragma once

#include "ledger/codec/describe.hpp"
#include "market/ids.hpp"

#include <string>
#include <vector>

namespace market {

/// What k issuers agree to; the sender is one of them, the others sign it in the Millrace domain.
struct CreditIssueTerms {
    Address to;
    Amount amount;
    Hash ref;  ///< used once for ever
    friend bool operator==(const CreditIssueTerms&, const CreditIssueTerms&) = default;
};
MILLRACE_DESCRIBE(CreditIssueTerms, (to, amount, ref))

struct CreditIssue {
    CreditIssueTerms terms;
    std::vector<Signature> approvals;  ///< of other issuers
    friend bool operator==(const CreditIssue&, const CreditIssue&) = default;
};
MILLRACE_DESCRIBE(CreditIssue, (terms, approvals))

enum class AccountClass { closed, bulk, settlement, system };
BOOST_DESCRIBE_ENUM(AccountClass, closed, bulk, settlement, system)

struct AccountAdmitTerms {
    Address account;
    AccountClass account_class{};
    std::uint64_t bytes_per_day{};
    Hash ref;
    friend bool operator==(const AccountAdmitTerms&, const AccountAdmitTerms&) = default;
};
MILLRACE_DESCRIBE(AccountAdmitTerms, (account, account_class, bytes_per_day, ref))

/// Lets an account send transactions within a daily quota of bytes; `closed` ends that.
struct AccountAdmit {
    AccountAdmitTerms terms;
    std::vector<Signature> approvals;
    friend bool operator==(const AccountAdmit&, const AccountAdmit&) = default;
};
MILLRACE_DESCRIBE(AccountAdmit, (terms, approvals))

struct StatementCloseTerms {
    Address account;
    std::uint32_t period{};  ///< calendar month of block time, UTC, as yyyymm
    Hash ref;
    friend bool operator==(const StatementCloseTerms&, const StatementCloseTerms&) = default;
};
MILLRACE_DESCRIBE(StatementCloseTerms, (account, period, ref))

/// Marks what an account earned in a period as paid outside.
struct StatementClose {
    StatementCloseTerms terms;
    std::vector<Signature> approvals;
    friend bool operator==(const StatementClose&, const StatementClose&) = default;
};
MILLRACE_DESCRIBE(StatementClose, (terms, approvals))

}  // namespace market
