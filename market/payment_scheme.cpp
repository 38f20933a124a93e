#include "market/payment_scheme.hpp"

namespace market {

std::string_view name_of(PaymentScheme scheme)
{
    switch (scheme) {
        case PaymentScheme::exact:
            return "exact";
        case PaymentScheme::upto:
            return "upto";
        case PaymentScheme::chain:
            return "hash-chain";
        case PaymentScheme::batch:
            break;
    }
    return "batch-settlement";
}

}  // namespace market
