// Does nothing: run before a sanitized test, it tells whether this kernel lets the sanitizer start at all.
int main() {
    return 0;
}
