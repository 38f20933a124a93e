#include "edge/api/handles.hpp"

namespace {

thread_local std::string last_error;

}  // namespace

namespace edge {

mlr_status report(const ledger::Error& error)
{
    last_error = error.detail;
    switch (error.kind) {
        case ledger::ErrorKind::invalid:
            return MLR_INVALID;
        case ledger::ErrorKind::not_found:
            return MLR_NOT_FOUND;
        case ledger::ErrorKind::corrupt:
            return MLR_DAMAGED;
        case ledger::ErrorKind::io:
            return MLR_IO;
        case ledger::ErrorKind::full:
            return MLR_FULL;
        case ledger::ErrorKind::unavailable:
            return MLR_BUSY;
        case ledger::ErrorKind::denied:
            break;
    }
    return MLR_DENIED;
}

mlr_status refuse(const char* why)
{
    return report(ledger::invalid(why));
}

}  // namespace edge

extern "C" {

uint32_t mlr_version(void)
{
    return MLR_VERSION;
}

const char* mlr_status_text(mlr_status status)
{
    switch (status) {
        case MLR_OK:
            return "done";
        case MLR_INVALID:
            return "arguments that make no sense";
        case MLR_NOT_FOUND:
            return "not there";
        case MLR_DAMAGED:
            return "stored bytes are damaged";
        case MLR_IO:
            return "the disk refused";
        case MLR_FULL:
            return "no space, or the budget is used up";
        case MLR_BUSY:
            return "in use by another process";
        case MLR_DENIED:
            return "not allowed, or taken already";
        case MLR_KNOWN:
            return "taken before";
        case MLR_END:
            return "nothing more";
    }
    return "no such status";
}

const char* mlr_last_error(void)
{
    return last_error.c_str();
}
}
