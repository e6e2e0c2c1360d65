# The image ghcr.io/org/s3-parallel-put, for those without Node: the package as npm publishes it, with the dependencies that package-lock.json names.
# Built by .github/workflows/release.yml. By hand:
#   npm pack && docker build --build-arg VERSION=$(node -p 'require("./package.json").version') --tag s3-parallel-put .
# It is JavaScript alone, so what one platform installs serves all.
FROM --platform=$BUILDPLATFORM node:24-alpine AS installed
ARG VERSION
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --workspaces=false --no-audit --no-fund && rm package.json package-lock.json
# Unpacks into the folder "package".
ADD s3-parallel-put-${VERSION}.tgz ./
RUN chmod 755 package/dist/lib/cli/main.js && mkdir bin && ln -s ../package/dist/lib/cli/main.js bin/s3-parallel-put

FROM node:24-alpine
ARG VERSION
LABEL org.opencontainers.image.title="s3-parallel-put" \
      org.opencontainers.image.description="Puts a tree of files into S3: in parallel, with the right headers, and only what changed." \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.source="https://github.com/org/s3-parallel-put" \
      org.opencontainers.image.documentation="https://github.com/org/s3-parallel-put#readme"
COPY --from=installed /app /app
# For jobs that replace the entrypoint by a shell, as those of GitLab do.
ENV PATH="/app/bin:${PATH}"
# The user "node", by number, as Kubernetes compares it.
USER 1000:1000
# Mount what is put below it.
WORKDIR /work
ENTRYPOINT ["node", "/app/package/dist/lib/cli/main.js"]
CMD ["--help"]
